/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lets minutes pass in an instant, as a suspend of the machine does: preloaded into a program,
 * it adds what the file $TIMESHIFT_FILE holds (nanoseconds, gint64) to CLOCK_BOOTTIME and
 * CLOCK_REALTIME, and lets absolute timers of CLOCK_BOOTTIME expire accordingly. After writing
 * the file, send SIGRTMIN + 7 to the program. CLOCK_MONOTONIC stays as it is.
 *
 * With $TIMESHIFT_MONOTONIC that clock jumps as well, so that the time limits of calls over D-Bus
 * are reached; the main thread, which the signal wakes, is then to be the one that waits.
 *
 * With $TIMESHIFT_WALL_ONLY the wall clock alone is shifted, as when somebody sets it: no timer
 * knows of it and no signal is needed. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define N_TIMERS_MAX 64 /* by file descriptor; those above keep unshifted time */
#define NS_PER_S 1000000000LL
#define NS_PER_US 1000

typedef struct
{
  volatile int is_boottime;
  volatile int is_armed;
  struct itimerspec when; /* as the program asked */
} Timer;

static Timer timers[N_TIMERS_MAX];
static const volatile int64_t *shift_ns;
static int wall_only;
static int monotonic_too;

static int64_t
get_shift (clockid_t which)
{
  if (shift_ns == NULL)
    return 0;
  if (which == CLOCK_REALTIME || (which == CLOCK_BOOTTIME && !wall_only)
      || (which == CLOCK_MONOTONIC && monotonic_too))
    return *shift_ns;
  return 0;
}

static void
add (struct timespec *time, int64_t ns)
{
  int64_t sum = time->tv_sec * NS_PER_S + time->tv_nsec + ns;

  if (sum < 1) /* 0 would disarm a timer */
    sum = 1;
  time->tv_sec = sum / NS_PER_S;
  time->tv_nsec = sum % NS_PER_S;
}

/* Arms the timer; again if the shift changed meanwhile. */
static int
arm (int fd, struct itimerspec *old)
{
  int64_t shift;
  int result;

  do
    {
      struct itimerspec when = timers[fd].when;

      shift = get_shift (CLOCK_BOOTTIME);
      add (&when.it_value, -shift);
      result = (int) syscall (SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &when, old);
      old = NULL;
    }
  while (result == 0 && shift != get_shift (CLOCK_BOOTTIME));
  return result;
}

static void
on_shifted (int signum)
{
  (void) signum;
  for (int fd = 0; fd < N_TIMERS_MAX; fd++)
    if (timers[fd].is_armed)
      arm (fd, NULL);
}

__attribute__ ((constructor)) static void
start (void)
{
  struct sigaction action = { .sa_handler = on_shifted, .sa_flags = SA_RESTART };
  const char *path = getenv ("TIMESHIFT_FILE");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, sizeof (int64_t), PROT_READ, MAP_SHARED, fd, 0);
  close (fd);
  if (map == MAP_FAILED)
    return;
  shift_ns = map;
  wall_only = getenv ("TIMESHIFT_WALL_ONLY") != NULL;
  monotonic_too = getenv ("TIMESHIFT_MONOTONIC") != NULL;
  sigaction (SIGRTMIN + 7, &action, NULL);
}

int
clock_gettime (clockid_t which, struct timespec *time)
{
  int result = (int) syscall (SYS_clock_gettime, which, time);

  if (result == 0)
    add (time, get_shift (which));
  return result;
}

/* Which Redis reads. */
int
gettimeofday (struct timeval *time, void *zone)
{
  struct timespec now;

  (void) zone;
  if (!wall_only)
    return (int) syscall (SYS_gettimeofday, time, zone);
  if (clock_gettime (CLOCK_REALTIME, &now) != 0)
    return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / NS_PER_US;
  return 0;
}

int
timerfd_create (clockid_t which, int flags)
{
  int fd = (int) syscall (SYS_timerfd_create, which, flags);

  if (fd >= 0 && fd < N_TIMERS_MAX)
    {
      timers[fd].is_armed = 0;
      timers[fd].is_boottime = which == CLOCK_BOOTTIME;
    }
  return fd;
}

int
timerfd_settime (int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
  if (fd < 0 || fd >= N_TIMERS_MAX || !timers[fd].is_boottime)
    return (int) syscall (SYS_timerfd_settime, fd, flags, when, old);

  timers[fd].is_armed = 0;
  if (!(flags & TFD_TIMER_ABSTIME) || (when->it_value.tv_sec == 0 && when->it_value.tv_nsec == 0))
    return (int) syscall (SYS_timerfd_settime, fd, flags, when, old);

  timers[fd].when = *when;
  timers[fd].is_armed = 1;
  return arm (fd, old);
}
