/* Where the threads of a team meet: a barrier for few threads that meet every few microseconds.
 *
 * Each thread counts its arrivals in cache lines of its own, which the others watch. They spin for a while, and then
 * sleep until it arrives (or, where there is no futex, leave the processor to whoever else needs it), so that more threads
 * than processors still get on. A thread need not wait at once when it has arrived: a cache line takes some hundred
 * nanoseconds from one processor to another, and what the thread has to tell comes in the same line as the count.
 */
#ifndef BACKEND_CYTHON_BARRIER_H
#define BACKEND_CYTHON_BARRIER_H

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
#define STORE(arrival, value) (*(volatile int32_t*) &(arrival)->count = (value))
#define LOAD(arrival) (*(volatile int32_t*) &(arrival)->count)
#else
#include <sched.h>
#define YIELD() sched_yield()
#define STORE(arrival, value) __atomic_store_n(&(arrival)->count, (value), __ATOMIC_RELEASE)
#define LOAD(arrival) __atomic_load_n(&(arrival)->count, __ATOMIC_ACQUIRE)
#if defined(__x86_64__)
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

/* Arrivals of a thread that are kept: one that has come to the next but one has read all before the last two. */
enum { KEPT_ARRIVALS = 4, SPIKES_AT_HAND = 12 };

/* A spike that a thread tells the others. */
typedef struct {
    int32_t where;              /* number of the population, and behind it bits for the step of an interval */
    int32_t cell;
} ToldSpike;

/* An arrival of a thread; two cache lines, which processors like to fetch together. */
typedef struct {
    int32_t count;              /* the number of the arrival */
    int32_t sleeping;           /* threads that want to be woken */
    int32_t parting;            /* whether this thread wants all to part here */
    int32_t n_spikes;
    ToldSpike spikes[SPIKES_AT_HAND];    /* of which the first line has half */
    ToldSpike* others;          /* spikes beyond these, */
    int64_t room;               /* and for how many there is room */
} Arrival;

static inline Arrival* arrival_of(Arrival* arrivals, int thread, uint32_t count)
{
    return &arrivals[KEPT_ARRIVALS * thread + count % KEPT_ARRIVALS];
}

/* Where spike number `k` of an arrival is, or is to be. */
static inline ToldSpike* told_spike(Arrival* arrival, int32_t k)
{
    return k < SPIKES_AT_HAND ? &arrival->spikes[k] : &arrival->others[k - SPIKES_AT_HAND];
}

#ifdef __linux__
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sleep unless the thread has come to more than `seen` arrivals, for a millisecond at most: one that arrives in this
 * moment may not see that somebody sleeps. It could if it waited each time until its own arrival is in memory, which
 * takes some ten nanoseconds.
 */
static inline void sleep_until_arrival(Arrival* arrival, int32_t seen)
{
    const struct timespec longest = {0, 1000000};
    __atomic_add_fetch(&arrival->sleeping, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&arrival->count, __ATOMIC_SEQ_CST) == seen)
        syscall(SYS_futex, &arrival->count, FUTEX_WAIT_PRIVATE, seen, &longest, NULL, 0);
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
    if (__atomic_load_n(&arrival->sleeping, __ATOMIC_RELAXED) > 0)
        syscall(SYS_futex, &arrival->count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
#else
static inline void sleep_until_arrival(Arrival* arrival, int32_t seen) { (void) arrival, (void) seen, YIELD(); }
static inline void wake_sleepers(Arrival* arrival) { (void) arrival; }
static inline int processors_are_short(int n) { (void) n; return 0; }
#endif

/* The thread number `own` arrives, for the time number `count`. It wants all to part if it had to sleep since the last
 * time: the processors are busy. */
static inline void arrive(Arrival* arrivals, int own, uint32_t count, int* slept)
{
    Arrival* const arrival = arrival_of(arrivals, own, count);
    arrival->parting = *slept;
    *slept = 0;
    STORE(arrival, (int32_t) count);
    wake_sleepers(arrival);
}

/* Wait until all `n` threads have arrived that often. Whether they should part: all of them get the same answer. */
static inline int wait_for_all(Arrival* arrivals, int n, uint32_t count, int* slept)
{
    int part = 0;
    for (int i = 0; i < n; i++) {
        Arrival* const arrival = arrival_of(arrivals, i, count);
        int reads = 0;
        for (;;) {
            const int32_t seen = LOAD(arrival);
            if ((uint32_t) seen == count)
                break;
            if (++reads > PATIENT_READS) {
                sleep_until_arrival(arrival, seen);
                *slept = 1;
            } else if (reads > QUICK_READS)
                PAUSE();
        }
        part |= arrival->parting;
    }
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
