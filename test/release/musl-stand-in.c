/*
 * What glibc has and musl has not, of what Debian's libstdc++ asks for: with it, an executable for musl can be tried where
 * there is no libstdc++ for musl. For channels.ts, and no part of a release.
 */
#include <locale.h>
#include <stddef.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;

/* GCC asks these which processor it is; none of its features are claimed. */
struct {
  unsigned vendor, type, subtype, features[1];
} __cpu_model;

int __cpu_indicator_init(void) { return 0; }

unsigned arc4random(void) {
  unsigned number = 0;
  getrandom(&number, sizeof number, 0);
  return number;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}

/* Nothing is destroyed when a thread ends. */
int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object, void *program) { return 0; }

/* Not found: who unwinds a stack looks for the object itself. */
int _dl_find_object(void *address, void *result) { return -1; }
