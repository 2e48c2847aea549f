/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-batch.h"

G_BEGIN_DECLS

/**
 * SighejLedger:
 *
 * What must survive: the daily counters of DESIGN 4, and nothing else. No row is about a person.
 * A batch carries an id and is applied at most once, whatever is tried again.
 */
#define SIGHEJ_TYPE_LEDGER (sighej_ledger_get_type ())
G_DECLARE_INTERFACE (SighejLedger, sighej_ledger, SIGHEJ, LEDGER, GObject)

/**
 * SighejLedgerDay:
 * @categories: (element-type utf8): ids, the most counted first, only those counted at least
 *   the asked minimum; ties by id
 */
typedef struct
{
  guint64 sessions;
  guint64 matches;
  guint64 pings;
  GStrv categories;
} SighejLedgerDay;
void sighej_ledger_day_free (SighejLedgerDay *self);

struct _SighejLedgerInterface
{
  GTypeInterface parent;

  void (*apply_async) (SighejLedger *self,
                       const SighejBatch *batch,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*apply_finish) (SighejLedger *self, GAsyncResult *result, GError **error);
  void (*read_async) (SighejLedger *self,
                      const char *date,
                      guint64 minimum,
                      guint n_categories,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
  SighejLedgerDay *(*read_finish) (SighejLedger *self, GAsyncResult *result, GError **error);
};

/* Adds a batch to its day. TRUE also when it had been applied before. Errors: UNAVAILABLE. */
void sighej_ledger_apply_async (SighejLedger *self,
                                const SighejBatch *batch,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean sighej_ledger_apply_finish (SighejLedger *self, GAsyncResult *result, GError **error);

/* Reads one day; a day without rows gives zeros. At most @n_categories of at least @minimum. */
void sighej_ledger_read_async (SighejLedger *self,
                               const char *date,
                               guint64 minimum,
                               guint n_categories,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
SighejLedgerDay *
sighej_ledger_read_finish (SighejLedger *self, GAsyncResult *result, GError **error);

G_END_DECLS
