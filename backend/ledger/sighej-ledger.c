/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-ledger"

#include "config.h"

#include "sighej-ledger.h"

G_DEFINE_INTERFACE (SighejLedger, sighej_ledger, G_TYPE_OBJECT)

static void
sighej_ledger_default_init (SighejLedgerInterface *iface)
{
}

void
sighej_ledger_day_free (SighejLedgerDay *self)
{
  g_strfreev (self->categories);
  g_free (self);
}

void
sighej_ledger_apply_async (SighejLedger *self,
                           const SighejBatch *batch,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  SIGHEJ_LEDGER_GET_IFACE (self)->apply_async (self, batch, cancellable, callback, user_data);
}

gboolean
sighej_ledger_apply_finish (SighejLedger *self, GAsyncResult *result, GError **error)
{
  return SIGHEJ_LEDGER_GET_IFACE (self)->apply_finish (self, result, error);
}

void
sighej_ledger_read_async (SighejLedger *self,
                          const char *date,
                          guint64 minimum,
                          guint n_categories,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  SIGHEJ_LEDGER_GET_IFACE (self)->read_async (
      self, date, minimum, n_categories, cancellable, callback, user_data);
}

SighejLedgerDay *
sighej_ledger_read_finish (SighejLedger *self, GAsyncResult *result, GError **error)
{
  return SIGHEJ_LEDGER_GET_IFACE (self)->read_finish (self, result, error);
}
