/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"

G_BEGIN_DECLS

#define SIGHEJ_RECORDS_MAX 262144 /* then UNAVAILABLE */
#define SIGHEJ_RECORDS_BYTES_MAX                                                                   \
  (256u * 1024 * 1024) /* of values and what keeps them; the same                                  \
                        */

/**
 * SighejRecords:
 *
 * The memory store's records: opaque bytes under a text, with a version that no two states of any
 * of them share, and a lifetime.
 *
 *   (none) --swap of version 0--> version v --swap of v--> a greater version
 *   version v --swap of v without a value, its lifetime--> (none)
 *
 * The fleeting parts go with it, or before, each in its own time.
 *
 * Pure; the caller brings the time on two clocks. What is told and compared is the one that never
 * jumps, moved to where the wall clock was when the first of the records was made: a step of the
 * wall clock lets nobody's minute pass, and is followed once there are no records.
 */
typedef struct _SighejRecords SighejRecords;

typedef struct
{
  gint64 now_us;
  gint64 wall_us;
} SighejRecordsTime;

SighejRecords *sighej_records_new (void);
void sighej_records_free (SighejRecords *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejRecords, sighej_records_free)

/* @record: (out caller-allocates): lends its values until the next call of anything else here */
void sighej_records_read (SighejRecords *self,
                          const char *key,
                          const SighejRecordsTime *time,
                          SighejStoreRecord *record);

gboolean sighej_records_has (SighejRecords *self, const char *key, gint64 now_us);

/* Without a version: whatever it is, or nothing. */
void sighej_records_drop (SighejRecords *self, const char *key);

/**
 * sighej_records_swap:
 * @swap: references to its values are taken; who wakes is not looked at
 * @new_version: (out): of what was written, 0 when it was deleted or not swapped
 * @error: UNAVAILABLE (full)
 *
 * Returns: whether it was swapped; FALSE without an error: its version is not that of the record
 */
gboolean sighej_records_swap (SighejRecords *self,
                              const char *key,
                              const SighejStoreSwap *swap,
                              const SighejRecordsTime *time,
                              guint64 *new_version,
                              GError **error);

/* Drops what is over at @now_us. */
void sighej_records_expire (SighejRecords *self, gint64 now_us);

/* When the next one, or a part of one, is over; G_MAXINT64: there is none. */
gint64 sighej_records_next_us (SighejRecords *self);

G_END_DECLS
