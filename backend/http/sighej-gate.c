/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-gate"

#include "config.h"

#include "sighej-gate.h"

#include "sighej-metrics.h"

struct _SighejGate
{
  guint total_max;
  guint address_max;
  guint n;
  guint n_busy;
  GHashTable *by_address; /* char* -> Place */
};

/* All connections of one address; kept while there is one. */
typedef struct
{
  char *address;
  guint n;
} Place;

struct _SighejTicket
{
  SighejGate *gate;
  Place *place; /* (nullable): owned by the gate */
  gboolean busy;
};

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->address);
  g_free (place);
}

SighejGate *
sighej_gate_new (guint total_max, guint address_max)
{
  SighejGate *self = g_rc_box_new0 (SighejGate);

  self->total_max = total_max;
  self->address_max = address_max;
  self->by_address = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, place_free);
  return self;
}

void
sighej_gate_set_limits (SighejGate *self, guint total_max, guint address_max)
{
  self->total_max = total_max;
  self->address_max = address_max;
}

static void
gate_clear (gpointer data)
{
  SighejGate *self = data;

  g_hash_table_unref (self->by_address);
}

void
sighej_gate_unref (SighejGate *self)
{
  g_rc_box_release_full (self, gate_clear);
}

static SighejTicket *
refuse (SighejMetricRefused reason)
{
  sighej_metrics_add (SIGHEJ_METRIC_CONNECTIONS_REFUSED, reason, 1);
  return NULL;
}

static Place *
get_place (SighejGate *self, const char *address)
{
  Place *place = g_hash_table_lookup (self->by_address, address);

  if (place == NULL)
    {
      place = g_new0 (Place, 1);
      place->address = g_strdup (address);
      g_hash_table_insert (self->by_address, place->address, place);
    }
  return place;
}

SighejTicket *
sighej_gate_enter (SighejGate *self, const char *address)
{
  SighejTicket *ticket;
  Place *place = NULL;

  if (self->n >= self->total_max)
    return refuse (SIGHEJ_REFUSED_TOTAL);
  if (address != NULL)
    {
      place = get_place (self, address);
      if (place->n >= self->address_max)
        return refuse (SIGHEJ_REFUSED_ADDRESS);
      place->n++;
    }

  self->n++;
  sighej_metrics_change (SIGHEJ_METRIC_CONNECTIONS, 0, 1);
  sighej_metrics_add (SIGHEJ_METRIC_CONNECTIONS_ACCEPTED, 0, 1);
  ticket = g_new0 (SighejTicket, 1);
  ticket->gate = g_rc_box_acquire (self);
  ticket->place = place;
  return ticket;
}

void
sighej_ticket_set_busy (SighejTicket *self, gboolean busy)
{
  if (busy && !self->busy)
    self->gate->n_busy++;
  if (!busy && self->busy)
    self->gate->n_busy--;
  self->busy = busy;
}

guint
sighej_gate_get_n_busy (SighejGate *self)
{
  return self->n_busy;
}

void
sighej_ticket_free (SighejTicket *self)
{
  SighejGate *gate = self->gate;
  Place *place = self->place;

  sighej_ticket_set_busy (self, FALSE);
  gate->n--;
  sighej_metrics_change (SIGHEJ_METRIC_CONNECTIONS, 0, -1);
  if (place != NULL && --place->n == 0)
    g_hash_table_remove (gate->by_address, place->address);
  sighej_gate_unref (gate);
  g_free (self);
}

guint
sighej_gate_get_n (SighejGate *self)
{
  return self->n;
}
