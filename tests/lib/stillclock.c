/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The hour a test says it is: preloaded into a program, its wall clock stands at what the file
 * $STILLCLOCK_FILE holds (microseconds since 1970, gint64) until the test writes something else.
 * CLOCK_MONOTONIC goes on as it is, so that timers and timeouts do. Never sanitized itself. */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define US_PER_S 1000000

static const volatile int64_t *now_us;

__attribute__ ((constructor)) static void
start (void)
{
  const char *path = getenv ("STILLCLOCK_FILE");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, sizeof *now_us, PROT_READ, MAP_SHARED, fd, 0);
  close (fd);
  if (map != MAP_FAILED)
    now_us = map;
}

int
clock_gettime (clockid_t which, struct timespec *time)
{
  if (which != CLOCK_REALTIME || now_us == NULL)
    return (int) syscall (SYS_clock_gettime, which, time);

  time->tv_sec = *now_us / US_PER_S;
  time->tv_nsec = *now_us % US_PER_S * 1000;
  return 0;
}

int
gettimeofday (struct timeval *time, void *zone)
{
  (void) zone;
  if (now_us == NULL)
    return (int) syscall (SYS_gettimeofday, time, NULL);

  time->tv_sec = *now_us / US_PER_S;
  time->tv_usec = *now_us % US_PER_S;
  return 0;
}
