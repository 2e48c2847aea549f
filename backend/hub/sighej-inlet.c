/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-inlet.h"

#include <string.h>

gsize
sighej_inlet_begin (const SighejInlet *self, guint8 buffer[SIGHEJ_INLET_BUFFER_BYTES])
{
  if (self->kept == NULL)
    return 0;
  memcpy (buffer, self->kept->data, self->kept->len);
  return self->kept->len;
}

void
sighej_inlet_keep (SighejInlet *self, const guint8 *data, gsize n_data)
{
  g_assert (n_data <= SIGHEJ_INLET_BUFFER_BYTES);

  g_clear_pointer (&self->kept, g_byte_array_unref);
  if (n_data == 0)
    return;
  self->kept = g_byte_array_sized_new ((guint) n_data);
  g_byte_array_append (self->kept, data, (guint) n_data);
}

void
sighej_inlet_take (
    SighejInlet *self, guint8 *data, gsize n_data, SighejInletTake take, gpointer user_data)
{
  gsize done = 0;
  gboolean goes_on = TRUE;

  g_clear_pointer (&self->kept, g_byte_array_unref);
  while (goes_on)
    {
      SighejFramerResult result;
      SighejFramerEvent event
          = sighej_framer_next (&self->framer, data + done, n_data - done, &result);

      if (event == SIGHEJ_FRAMER_MORE)
        break;
      done += result.consumed;
      goes_on = take (event, &result, user_data);
    }
  sighej_inlet_keep (self, data + done, n_data - done);
}

void
sighej_inlet_take_kept (SighejInlet *self, SighejInletTake take, gpointer user_data)
{
  g_autoptr (GByteArray) kept = g_steal_pointer (&self->kept);

  if (kept != NULL)
    sighej_inlet_take (self, kept->data, kept->len, take, user_data);
}

void
sighej_inlet_clear (SighejInlet *self)
{
  sighej_framer_clear (&self->framer);
  g_clear_pointer (&self->kept, g_byte_array_unref);
}
