/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-expiry"

#include "config.h"

#include "sighej-expiry.h"

struct _SighejExpiry
{
  GPtrArray *heap; /* of SighejExpiryItem; the item at index i has place i + 1 */
};

SighejExpiry *
sighej_expiry_new (void)
{
  SighejExpiry *self = g_new0 (SighejExpiry, 1);

  self->heap = g_ptr_array_new ();
  return self;
}

void
sighej_expiry_free (SighejExpiry *self)
{
  g_ptr_array_unref (self->heap);
  g_free (self);
}

static inline SighejExpiryItem *
item_at (SighejExpiry *self, guint place)
{
  return self->heap->pdata[place - 1];
}

static inline void
put (SighejExpiry *self, guint place, SighejExpiryItem *item)
{
  self->heap->pdata[place - 1] = item;
  item->place = place;
}

static guint
rise (SighejExpiry *self, guint place, SighejExpiryItem *item)
{
  while (place > 1 && item_at (self, place / 2)->at_us > item->at_us)
    {
      put (self, place, item_at (self, place / 2));
      place /= 2;
    }
  return place;
}

static guint
sink (SighejExpiry *self, guint place, SighejExpiryItem *item)
{
  for (;;)
    {
      guint child = 2 * place;

      if (child > self->heap->len)
        return place;
      if (child < self->heap->len
          && item_at (self, child + 1)->at_us < item_at (self, child)->at_us)
        child++;
      if (item_at (self, child)->at_us >= item->at_us)
        return place;
      put (self, place, item_at (self, child));
      place = child;
    }
}

static void
settle (SighejExpiry *self, SighejExpiryItem *item, guint place)
{
  put (self, sink (self, rise (self, place, item), item), item);
}

void
sighej_expiry_set (SighejExpiry *self, SighejExpiryItem *item, gint64 at_us)
{
  item->at_us = at_us;
  if (item->place == 0)
    {
      g_ptr_array_add (self->heap, item);
      item->place = self->heap->len;
    }
  settle (self, item, item->place);
}

void
sighej_expiry_remove (SighejExpiry *self, SighejExpiryItem *item)
{
  guint place = item->place;
  SighejExpiryItem *last;

  if (place == 0)
    return;

  last = g_ptr_array_steal_index_fast (self->heap, self->heap->len - 1);
  if (last != item)
    settle (self, last, place);
  item->place = 0;
}

SighejExpiryItem *
sighej_expiry_peek (SighejExpiry *self)
{
  return self->heap->len > 0 ? self->heap->pdata[0] : NULL;
}
