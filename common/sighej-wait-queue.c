/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-wait-queue"

#include "config.h"

#include "sighej-wait-queue.h"

typedef struct
{
  gint64 at_us;
  guint64 age; /* grows with every wait, so that equal instants keep their order */
  guint id;
  GSourceFunc callback;
  gpointer user_data;
} Wait;

struct _SighejWaitQueue
{
  GSequence *waits;  /* of Wait, by (at_us, age) */
  GHashTable *by_id; /* id -> GSequenceIter */
  guint64 last_age;
  guint last_id;
};

SighejWaitQueue *
sighej_wait_queue_new (void)
{
  SighejWaitQueue *self = g_new0 (SighejWaitQueue, 1);

  self->waits = g_sequence_new (g_free);
  self->by_id = g_hash_table_new (NULL, NULL);
  return self;
}

void
sighej_wait_queue_free (SighejWaitQueue *self)
{
  g_sequence_free (self->waits);
  g_hash_table_unref (self->by_id);
  g_free (self);
}

static int
compare_waits (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Wait *first = a;
  const Wait *second = b;

  if (first->at_us != second->at_us)
    return first->at_us < second->at_us ? -1 : 1;
  return first->age < second->age ? -1 : first->age > second->age;
}

static guint
next_free_id (SighejWaitQueue *self)
{
  do
    self->last_id++;
  while (self->last_id == 0
         || g_hash_table_contains (self->by_id, GUINT_TO_POINTER (self->last_id)));
  return self->last_id;
}

guint
sighej_wait_queue_add (SighejWaitQueue *self,
                       gint64 at_us,
                       GSourceFunc callback,
                       gpointer user_data)
{
  Wait *wait = g_new (Wait, 1);
  GSequenceIter *place;

  wait->at_us = at_us;
  wait->age = ++self->last_age;
  wait->id = next_free_id (self);
  wait->callback = callback;
  wait->user_data = user_data;
  place = g_sequence_insert_sorted (self->waits, wait, compare_waits, NULL);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (wait->id), place);
  return wait->id;
}

void
sighej_wait_queue_remove (SighejWaitQueue *self, guint id)
{
  GSequenceIter *place = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));

  g_return_if_fail (place != NULL);

  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  g_sequence_remove (place);
}

gint64
sighej_wait_queue_first_us (SighejWaitQueue *self)
{
  GSequenceIter *place = g_sequence_get_begin_iter (self->waits);
  const Wait *wait;

  if (g_sequence_iter_is_end (place))
    return -1;

  wait = g_sequence_get (place);
  return wait->at_us;
}

gboolean
sighej_wait_queue_pop_due (SighejWaitQueue *self,
                           gint64 now_us,
                           GSourceFunc *callback,
                           gpointer *user_data)
{
  GSequenceIter *place = g_sequence_get_begin_iter (self->waits);
  const Wait *wait;

  if (g_sequence_iter_is_end (place))
    return FALSE;
  wait = g_sequence_get (place);
  if (wait->at_us > now_us)
    return FALSE;

  *callback = wait->callback;
  *user_data = wait->user_data;
  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (wait->id));
  g_sequence_remove (place);
  return TRUE;
}
