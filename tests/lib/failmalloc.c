/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lets allocations fail: preloaded into a program, it counts all allocations of its processes in
 * the file $FAILMALLOC_FILE (three guint64: how many were, the first that fails, how many fail from
 * there on; 0: none). Both may be changed while the program runs. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct
{
  _Atomic uint64_t n_calls;
  _Atomic uint64_t fail_from;
  _Atomic uint64_t n_fail;
} Plan;

/* The allocator behind ours: what malloc () itself is in glibc. */
void *__libc_malloc (size_t n_bytes);
void *__libc_calloc (size_t n, size_t n_bytes);
void *__libc_realloc (void *old, size_t n_bytes);
void *__libc_memalign (size_t alignment, size_t n_bytes);

static Plan *plan;

__attribute__ ((constructor)) static void
start (void)
{
  const char *path = getenv ("FAILMALLOC_FILE");
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (map != MAP_FAILED)
    plan = map;
}

static int
fails (void)
{
  uint64_t number, from;

  if (plan == NULL)
    return 0;
  number = ++plan->n_calls;
  from = plan->fail_from;
  if (from == 0 || number < from || number >= from + plan->n_fail)
    return 0;
  errno = ENOMEM;
  return 1;
}

void *
malloc (size_t n_bytes)
{
  return fails () ? NULL : __libc_malloc (n_bytes);
}

void *
calloc (size_t n, size_t n_bytes)
{
  return fails () ? NULL : __libc_calloc (n, n_bytes);
}

void *
realloc (void *old, size_t n_bytes)
{
  return fails () ? NULL : __libc_realloc (old, n_bytes);
}

int
posix_memalign (void **out, size_t alignment, size_t n_bytes)
{
  if (fails ())
    return ENOMEM;
  *out = __libc_memalign (alignment, n_bytes);
  return *out != NULL ? 0 : ENOMEM;
}

void *
aligned_alloc (size_t alignment, size_t n_bytes)
{
  return fails () ? NULL : __libc_memalign (alignment, n_bytes);
}
