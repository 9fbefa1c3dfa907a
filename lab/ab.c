#include "ab.h"
void ab_usage(FILE *f) { (void)f; }
int ab_option(struct ab_opts *ab, char **argv, size_t *i) { (void)ab; (void)argv; (void)i; return 0; }
enum verdict ab_run(const struct host *list, int nr, const struct lab_opts *o,
		    const struct ab_opts *ab) { (void)list; (void)nr; (void)o; (void)ab; return 64; }
