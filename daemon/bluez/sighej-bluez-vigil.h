/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-bluez-silence.h"

G_BEGIN_DECLS

/* BlueZ answers first and says Discovering then; so long it may be missing, seconds. */
#define SIGHEJ_BLUEZ_VIGIL_UNDISCOVERING_SECONDS 2
/* Once a scan did not stop when told to, so long is listened for a sign of life before the next
 * try, seconds. */
#define SIGHEJ_BLUEZ_VIGIL_DOUBT_SECONDS 10

/**
 * SighejBluezVigilFinding:
 * @SIGHEJ_BLUEZ_VIGIL_FINE: go on
 * @SIGHEJ_BLUEZ_VIGIL_LOST: BlueZ says that nobody discovers
 * @SIGHEJ_BLUEZ_VIGIL_SILENT: nothing at all was heard for too long
 * @SIGHEJ_BLUEZ_VIGIL_IN_DOUBT: it did not stop when it was told to, and nothing was heard since
 */
typedef enum
{
  SIGHEJ_BLUEZ_VIGIL_FINE,
  SIGHEJ_BLUEZ_VIGIL_LOST,
  SIGHEJ_BLUEZ_VIGIL_SILENT,
  SIGHEJ_BLUEZ_VIGIL_IN_DOUBT,
} SighejBluezVigilFinding;

/**
 * SighejBluezVigil:
 * @discovering: as BlueZ says of the adapter, who may be asked by others too
 * @undiscovering_since_us: counts while it says that nobody discovers
 * @begun_us: since when our scan runs
 * @doubted: it did not stop when told to, and nothing was heard since
 *
 * Whether a scan that was begun does run (BLE 6): what BlueZ says, what is heard, and whether it
 * stops when it is told to. A value without a clock; all zero bytes have not begun yet. now_us and
 * alive_us as in SighejBluezSilence.
 */
typedef struct
{
  gboolean discovering;
  gint64 undiscovering_since_us;
  gint64 begun_us;
  gboolean doubted;
  SighejBluezSilence silence;
} SighejBluezVigil;

/* Our scan runs from now on ... */
void sighej_bluez_vigil_begin (SighejBluezVigil *self, gint64 now_us);
/* ... until now. */
void sighej_bluez_vigil_end (SighejBluezVigil *self, gint64 alive_us, gint64 now_us);

/* BlueZ says it of its own accord, so nobody has to ask. */
void
sighej_bluez_vigil_set_discovering (SighejBluezVigil *self, gboolean discovering, gint64 now_us);

/* Whether it did not stop when it was told to. */
void sighej_bluez_vigil_set_doubted (SighejBluezVigil *self, gboolean doubted);

/* A packet of any device came. TRUE: it was silent until then. */
gboolean sighej_bluez_vigil_hear (SighejBluezVigil *self);

/* It is another adapter now, or none: nothing is known against it. */
void sighej_bluez_vigil_forget (SighejBluezVigil *self);

/* Nothing speaks against the scan. */
gboolean sighej_bluez_vigil_is_sound (const SighejBluezVigil *self);

/* While it runs: what is found, and when something else may be. */
SighejBluezVigilFinding
sighej_bluez_vigil_judge (const SighejBluezVigil *self, gint64 alive_us, gint64 now_us);
gint64 sighej_bluez_vigil_get_due_us (const SighejBluezVigil *self, gint64 alive_us);

G_END_DECLS
