/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-metrics"

#include "config.h"

#include "sighej-metrics.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sighej-error.h"

#define CELLS_PER_PAGE 512 /* a slot begins on a page: workers share no cache line */
#define ALIVE_CELL 0       /* of each slot: whether somebody counts there */
#define FIRST_CELL 1

static guint first_cell[SIGHEJ_N_METRICS];
static guint n_cells; /* of a slot, rounded up to pages; 0: nothing is laid out yet */

static guint64 *own_memory; /* before and without sharing */
static guint64 *slots;      /* all of them */
static guint64 *own;        /* ours */
static guint n_slots;

/* ---- memory ---- */

static void
lay_out (void)
{
  guint next = FIRST_CELL;

  for (guint i = 0; i < SIGHEJ_N_METRICS; i++)
    {
      const SighejMetricInfo *info = &sighej_metrics_table[i];

      first_cell[i] = next;
      next += sighej_metric_count_labels (info->labels) * sighej_metric_count_labels (info->inner)
              * sighej_metric_count_cells (info);
    }
  n_cells = (next + CELLS_PER_PAGE - 1) / CELLS_PER_PAGE * CELLS_PER_PAGE;
}

static void
start_alone (void)
{
  static gsize ready;

  /* A thread may be the first to count. */
  if (own != NULL || !g_once_init_enter (&ready))
    return;
  lay_out ();
  own_memory = g_new0 (guint64, n_cells);
  own_memory[ALIVE_CELL] = 1;
  n_slots = 1;
  slots = own_memory;
  __atomic_store_n (&own, own_memory, __ATOMIC_RELEASE);
  g_once_init_leave (&ready, 1);
}

static inline guint64 *
get_cell (SighejMetric metric, guint offset)
{
  if (G_UNLIKELY (__atomic_load_n (&own, __ATOMIC_ACQUIRE) == NULL))
    start_alone ();
  return own + first_cell[metric] + offset;
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "cannot share the metrics: %s", why);
  return FALSE;
}

int
sighej_metrics_create (guint wanted, GError **error)
{
  int fd;

  g_return_val_if_fail (wanted >= 1 && wanted <= SIGHEJ_METRICS_SLOTS_MAX, -1);

  start_alone ();
  fd = memfd_create ("sighej-metrics", MFD_CLOEXEC);
  if (fd >= 0 && ftruncate (fd, (off_t) (wanted * n_cells * sizeof (guint64))) == 0)
    return fd;
  refuse (error, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
drop_gauges (guint64 *slot)
{
  for (guint i = 0; i < SIGHEJ_N_METRICS; i++)
    {
      const SighejMetricInfo *info = &sighej_metrics_table[i];
      guint n
          = sighej_metric_count_labels (info->labels) * sighej_metric_count_labels (info->inner);

      for (guint k = 0; info->type == SIGHEJ_METRIC_GAUGE && k < n; k++)
        __atomic_store_n (slot + first_cell[i] + k, 0, __ATOMIC_RELAXED);
    }
  __atomic_store_n (slot + ALIVE_CELL, 0, __ATOMIC_RELAXED);
}

void
sighej_metrics_drop_gauges (guint slot)
{
  if (slot < n_slots)
    drop_gauges (slots + (gsize) slot * n_cells);
}

gboolean
sighej_metrics_attach (int fd, guint slot, GError **error)
{
  struct stat info;
  guint64 *memory;
  gsize slot_bytes;
  guint n;

  start_alone ();
  slot_bytes = n_cells * sizeof (guint64);
  if (fstat (fd, &info) != 0)
    return refuse (error, g_strerror (errno));
  n = (guint) ((gsize) info.st_size / slot_bytes);
  if ((gsize) info.st_size != n * slot_bytes || slot >= n || n > SIGHEJ_METRICS_SLOTS_MAX)
    return refuse (error, "they are laid out otherwise");
  memory = mmap (NULL, n * slot_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    return refuse (error, g_strerror (errno));

  slots = memory;
  n_slots = n;
  drop_gauges (slots + (gsize) slot * n_cells);
  for (guint i = FIRST_CELL; i < n_cells; i++)
    slots[(gsize) slot * n_cells + i] += own[i];
  own = slots + (gsize) slot * n_cells;
  __atomic_store_n (own + ALIVE_CELL, slot != SIGHEJ_METRICS_PARENT_SLOT, __ATOMIC_RELAXED);
  return TRUE;
}

void
sighej_metrics_reset (void)
{
  start_alone ();
  if (slots != own_memory)
    munmap (slots, (gsize) n_slots * n_cells * sizeof (guint64));
  own = slots = own_memory;
  n_slots = 1;
  for (guint i = FIRST_CELL; i < n_cells; i++)
    own[i] = 0;
}

/* ---- counting ---- */

void
sighej_metrics_add (SighejMetric metric, guint label, guint64 n)
{
  __atomic_fetch_add (get_cell (metric, label), n, __ATOMIC_RELAXED);
}

void
sighej_metrics_change (SighejMetric metric, guint label, gint64 by)
{
  sighej_metrics_add (metric, label, (guint64) by);
}

void
sighej_metrics_set (SighejMetric metric, guint label, guint64 value)
{
  __atomic_store_n (get_cell (metric, label), value, __ATOMIC_RELAXED);
}

void
sighej_metrics_observe (SighejMetric metric, guint label, guint64 value)
{
  const guint64 *bounds = sighej_metrics_table[metric].bounds;
  guint64 *cell = get_cell (metric, 0);
  guint n_bounds, bucket;

  for (n_bounds = 0, bucket = 0; bounds[n_bounds] != 0; n_bounds++)
    bucket += value > bounds[n_bounds];
  cell += label * (n_bounds + 2);
  __atomic_fetch_add (cell + bucket, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add (cell + n_bounds + 1, value, __ATOMIC_RELAXED);
}

/* ---- reading ---- */

static guint64
fold_in (SighejMetricFold fold, guint64 value, guint64 next)
{
  if (fold == SIGHEJ_METRIC_MAX)
    return MAX (value, next);
  return fold == SIGHEJ_METRIC_MIN ? MIN (value, next) : value + next;
}

guint64
sighej_metrics_get (SighejMetric metric, guint label, guint cell)
{
  const SighejMetricInfo *info = &sighej_metrics_table[metric];
  gboolean has_value = FALSE;
  gsize offset;
  guint64 value = 0;

  start_alone ();
  offset = first_cell[metric] + label * sighej_metric_count_cells (info) + cell;
  for (guint i = 0; i < n_slots; i++)
    {
      const guint64 *slot = slots + (gsize) i * n_cells;
      guint64 next = __atomic_load_n (slot + offset, __ATOMIC_RELAXED);

      if (info->fold != SIGHEJ_METRIC_SUM
          && __atomic_load_n (slot + ALIVE_CELL, __ATOMIC_RELAXED) == 0)
        continue;
      value = has_value ? fold_in (info->fold, value, next) : next;
      has_value = TRUE;
    }
  return value;
}
