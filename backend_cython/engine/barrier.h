/* Where the threads of a team meet: a barrier for few threads that meet every few microseconds.
 *
 * Each thread counts its arrivals in a cache line of its own, which the others watch. They spin for a while, and then
 * leave the processor to whoever else needs it, so that more threads than processors still get on.
 */
#ifndef BACKEND_CYTHON_MEETING_H
#define BACKEND_CYTHON_MEETING_H

#ifdef _OPENMP
#include <omp.h>
#endif

#if defined(_MSC_VER)
#include <intrin.h>
#include <windows.h>
#define YIELD() SwitchToThread()
#define PAUSE() YieldProcessor()
/* volatile accesses of aligned words order memory as well (/volatile:ms) */
#define STORE(arrival, value) (*(volatile long*) &(arrival)->count = (value), MemoryBarrier())
#define LOAD(arrival) (*(volatile long*) &(arrival)->count)
#else
#include <sched.h>
#define YIELD() sched_yield()
#define STORE(arrival, value) __atomic_store_n(&(arrival)->count, (value), __ATOMIC_RELEASE)
#define LOAD(arrival) __atomic_load_n(&(arrival)->count, __ATOMIC_ACQUIRE)
#if defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ __volatile__("yield")
#else
#define PAUSE() ((void) 0)
#endif
#endif

/* Looks at a counter in quick succession, then with pauses, and then only when nobody else wants to run: some
 * nanoseconds, some ten microseconds, and as long as it takes. */
enum { QUICK_READS = 100, PATIENT_READS = 1000 };

typedef struct {
    long count;
    char rest_of_line[64 - sizeof(long)];
} Arrival;

/* Wait until all `n` threads have called this as often as the thread number `own`. */
static inline void wait_at_barrier(Arrival* arrivals, int n, int own)
{
    const long count = arrivals[own].count + 1;
    STORE(&arrivals[own], count);
    for (int i = 0; i < n; i++) {
        /* differences, so that counters may wrap around */
        for (int reads = 0; (long) ((unsigned long) LOAD(&arrivals[i]) - (unsigned long) count) < 0; reads++) {
            if (reads > PATIENT_READS)
                YIELD();
            else if (reads > QUICK_READS)
                PAUSE();
        }
    }
}

/* Whether there can be more than one thread. */
static inline int threads_available(void)
{
#ifdef _OPENMP
    return 1;
#else
    return 0;
#endif
}

/* The number of threads that execute the present parallel region. */
static inline int team_size(void)
{
#ifdef _OPENMP
    return omp_get_num_threads();
#else
    return 1;
#endif
}

/* End the threads that wait for the next parallel region. */
static inline void dismiss_team(void)
{
#if defined(_OPENMP) && (_OPENMP >= 201811 || (defined(__GNUC__) && __GNUC__ >= 9 && !defined(__clang__)))
    omp_pause_resource_all(omp_pause_soft);
#endif
}

#endif
