# Draws one picture from fault-histogram.tsv and computes nothing.
# usage: gnuplot -c fault-histogram.gp DATA.tsv OUTPUT png|svg
if (ARGC != 3) exit message "usage: gnuplot -c fault-histogram.gp DATA.tsv OUTPUT png|svg"
data = ARG1
if (ARG3 eq 'svg') set terminal svg size 1000,640 dynamic noenhanced font 'sans,14' background rgb 'white'
if (ARG3 ne 'svg') set terminal pngcairo size 1000,640 noenhanced font 'sans,11'
set output ARG2
set datafile separator tab
set linetype 1 lc rgb '#0072b2' lw 2 dt 1 pt 7
set linetype 2 lc rgb '#d55e00' lw 2 dt 1 pt 5
set linetype 3 lc rgb '#009e73' lw 2 dt 1 pt 9
set linetype 4 lc rgb '#cc79a7' lw 2 dt 1 pt 11
set linetype 5 lc rgb '#e69f00' lw 2 dt '_-' pt 13
set linetype 6 lc rgb '#56b4e9' lw 2 dt '_.' pt 15
set linetype 7 lc rgb '#000000' lw 2 dt '.' pt 3
set border 3 lc rgb '#606060'
set tics nomirror out
set grid xtics ytics lc rgb '#d8d8d8' lw 1 dt 1
set tmargin 5
set rmargin 4
set label 1 'fast_pf: fault, how often which latency' at screen 0.5, screen 0.965 center font ',14'
set label 2 'host: AMD EPYC, Linux 6.18.44-fc-v657, 2026-11-21' at screen 0.5, screen 0.925 center tc rgb '#606060'
set bmargin 10.8
set key at screen 0.05, screen 0.01 left bottom Left reverse maxcols 1 samplen 3 spacing 1.1
set logscale x 10
set xrange [8.34578:3.12627e+06]
set xlabel 'latency'
set xtics ('1ns' 1, '10ns' 10, '100ns' 100, '1us' 1000, '10us' 10000, '100us' 100000, '1ms' 1e+06, '10ms' 1e+07)
set logscale y 10
set yrange [0.6:*]
set ylabel 'samples per bin (1/8 octave), dot: the largest'
set ytics ('1' 1, '10' 10, '100' 100, '1k' 1e3, '10k' 1e4, '100k' 1e5, '1M' 1e6, '10M' 1e7, '100M' 1e8, '1G' 1e9)
plot for [i=0:4] data index 2*i using 1:3 with steps lt i+1 title columnheader(1), \
  for [i=0:4] data index 2*i+1 using 1:3 with points lt i+1 ps 1.3 notitle
