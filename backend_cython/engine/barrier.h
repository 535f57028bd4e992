/* Where the threads of a team meet: a barrier for few threads that meet every few microseconds.
 *
 * Each thread counts its arrivals in a cache line of its own, which the others watch. They spin for a while, and then
 * sleep until it arrives (or, where there is no futex, leave the processor to whoever else needs it), so that more threads
 * than processors still get on.
 */
#ifndef BACKEND_CYTHON_MEETING_H
#define BACKEND_CYTHON_MEETING_H

#include <stdint.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#if defined(_MSC_VER)
#include <intrin.h>
#include <windows.h>
#define YIELD() SwitchToThread()
#define PAUSE() YieldProcessor()
/* volatile accesses of aligned words order memory as well (/volatile:ms) */
#define STORE(arrival, value) (*(volatile int32_t*) &(arrival)->count = (value), MemoryBarrier())
#define LOAD(arrival) (*(volatile int32_t*) &(arrival)->count)
#define SET_PARTING(arrival, value) (*(volatile int32_t*) &(arrival)->parting = (value))
#define PARTING(arrival) (*(volatile int32_t*) &(arrival)->parting)
#else
#include <sched.h>
#define YIELD() sched_yield()
/* before a look at `sleeping`, of which the thread that falls asleep takes a look at `count` */
#define STORE(arrival, value) __atomic_store_n(&(arrival)->count, (value), __ATOMIC_SEQ_CST)
#define LOAD(arrival) __atomic_load_n(&(arrival)->count, __ATOMIC_ACQUIRE)
/* ordered by the counts: what a thread sets between two arrivals, all see at the second one */
#define SET_PARTING(arrival, value) __atomic_store_n(&(arrival)->parting, (value), __ATOMIC_RELAXED)
#define PARTING(arrival) __atomic_load_n(&(arrival)->parting, __ATOMIC_RELAXED)
#if defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ __volatile__("yield")
#else
#define PAUSE() ((void) 0)
#endif
#endif

/* Looks at a counter in quick succession, and then with pauses, before a thread sleeps: some nanoseconds, some hundred
 * microseconds (to wake a processor may take fifty, and parts are not quite equal), and as long as it takes. */
enum { QUICK_READS = 100, PATIENT_READS = 10000 };

typedef struct {
    int32_t count;
    int32_t sleeping;           /* threads that want to be woken */
    int32_t parting;            /* the arrival at which this thread wants all to part */
    char rest_of_line[64 - 3 * sizeof(int32_t)];
} Arrival;

#ifdef __linux__
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sleep unless the thread has come to more than `seen` arrivals. */
static inline void sleep_until_arrival(Arrival* arrival, int32_t seen)
{
    __atomic_add_fetch(&arrival->sleeping, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&arrival->count, __ATOMIC_SEQ_CST) == seen)
        syscall(SYS_futex, &arrival->count, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    __atomic_sub_fetch(&arrival->sleeping, 1, __ATOMIC_SEQ_CST);
}

/* Whether other programs leave too few processors for `n` threads, as far as is known; one of these asks, which takes it
 * some microseconds. */
static inline int processors_are_short(int n)
{
    char text[80];
    int running = 0;
    const int file = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    const ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = 0;
    return sscanf(text, "%*s %*s %*s %d", &running) == 1 && running - 1 + n > sysconf(_SC_NPROCESSORS_ONLN);
}

static inline void wake_sleepers(Arrival* arrival)
{
    if (__atomic_load_n(&arrival->sleeping, __ATOMIC_SEQ_CST) > 0)
        syscall(SYS_futex, &arrival->count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
#else
static inline void sleep_until_arrival(Arrival* arrival, int32_t seen) { (void) arrival, (void) seen, YIELD(); }
static inline void wake_sleepers(Arrival* arrival) { (void) arrival; }
static inline int processors_are_short(int n) { (void) n; return 0; }
#endif

/* Wait until all `n` threads have called this as often as the thread number `own`. Whether they should part now, since
 * one of them had to sleep the last time: the processors are busy. All of them get the same answer. */
static inline int wait_at_barrier(Arrival* arrivals, int n, int own)
{
    /* unsigned differences, so that counters may wrap around */
    const uint32_t count = (uint32_t) arrivals[own].count + 1;
    STORE(&arrivals[own], (int32_t) count);
    wake_sleepers(&arrivals[own]);
    int slept = 0, part = 0;
    for (int i = 0; i < n; i++) {
        int reads = 0;
        for (;;) {
            const int32_t seen = LOAD(&arrivals[i]);
            if ((int32_t) ((uint32_t) seen - count) >= 0)
                break;
            if (++reads > PATIENT_READS) {
                sleep_until_arrival(&arrivals[i], seen);
                slept = 1;
            } else if (reads > QUICK_READS)
                PAUSE();
        }
        part |= (uint32_t) PARTING(&arrivals[i]) == count;
    }
    if (slept && !part)
        SET_PARTING(&arrivals[own], (int32_t) (count + 1));
    return part;
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

/* Seconds since some time in the past; only threads have a use for it. */
static inline double wall_time(void)
{
#ifdef _OPENMP
    return omp_get_wtime();
#else
    return 0.0;
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
