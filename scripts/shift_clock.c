/* Runs programs with the clock of the day moved by $SHIFT_CLOCK seconds, and all other clocks as they are:
 *
 *   gcc -shared -fPIC -o /tmp/shift_clock.so scripts/shift_clock.c -ldl
 *   SHIFT_CLOCK=$(($(date -d '23:55 UTC' +%s) - $(date +%s))) LD_PRELOAD=/tmp/shift_clock.so ./run_tests.sh
 *
 * Programs that these start inherit it, PostgreSQL and the browser too. libfaketime is not used because
 * Python 3.11 waits with sem_clockwait(), which it does not know.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t shift(void)
{
    const char *seconds = getenv("SHIFT_CLOCK");
    return seconds ? atol(seconds) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*original)(clockid_t, struct timespec *);
    if (!original)
        original = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = original(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}
