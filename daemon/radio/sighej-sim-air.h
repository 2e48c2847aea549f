/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-enums.h"

G_BEGIN_DECLS

/* Radios that are sent to; more in one folder are not heard. */
#define SIGHEJ_SIM_PEERS_MAX 4096
/* A larger air.ini is not read, bytes. */
#define SIGHEJ_SIM_INI_BYTES_MAX (1024 * 1024)

/**
 * SighejSimAir:
 *
 * The air simulated radios share: a folder only its owner may enter. Each radio that listens has
 * a datagram socket there, its mailbox, "r-" and 16 hex digits; who has something to say sends it
 * to every mailbox. A mailbox nobody reads any more (its owner was killed) is swept out by
 * whoever notices. Beside them may lie air.ini, read again whenever it changes:
 *
 *   [radio]               of every radio, unless its own group says otherwise
 *   [radio.anna]          of the radio of that name
 *   position=0,0          metres, x and y
 *   tx-dbm=-59            how loud it is: RSSI at 1 m, dBm, -100 to 20
 *   interval-ms=250       between two packets, 20 to 10240 (and 0 to 10 ms more, at random)
 *   noise-sigma-db=0      spread of what it measures, dB, 0 to 30
 *   loss=0                share of packets it does not hear, 0 to 1
 *   fault=                none, off, missing, blocked-soft, blocked-hard, unsupported, denied,
 *                         stalled, scan-conflict or privacy-blocked
 *   [link.anna.bob]
 *   rssi-dbm=-55          what bob hears anna with, whatever the positions, dBm
 */
typedef struct _SighejSimAir SighejSimAir;

/**
 * SighejSimSettings:
 * @fault: NONE, or why the adapter is not usable
 *
 * What air.ini says about one radio.
 */
typedef struct
{
  double x_m;
  double y_m;
  int loudness_dbm;
  guint interval_ms;
  double noise_sigma_db;
  double loss;
  SighejReason fault;
} SighejSimSettings;

/**
 * sighej_sim_air_new:
 * @dir: the folder; made if need be, with mode 0700
 * @name: whose settings are read
 * @changed: called after the settings have become different
 *
 * Returns: (nullable): NULL with %SIGHEJ_ERROR_CONFIG when the folder cannot be used
 */
SighejSimAir *sighej_sim_air_new (const char *dir,
                                  const char *name,
                                  SighejClock *clock,
                                  void (*changed) (gpointer user_data),
                                  gpointer user_data,
                                  GError **error);
/* Closes and removes the mailbox. */
void sighej_sim_air_free (SighejSimAir *self);

const SighejSimSettings *sighej_sim_air_get_settings (SighejSimAir *self);

/* TRUE: air.ini says how strongly @sender is heard here. */
gboolean sighej_sim_air_get_fixed_rssi (SighejSimAir *self, const char *sender, int *rssi_dbm);

/**
 * sighej_sim_air_open_mailbox:
 *
 * Returns: a non-blocking descriptor that belongs to @self, or -1 with %SIGHEJ_ERROR_FAILED
 */
int sighej_sim_air_open_mailbox (SighejSimAir *self, GError **error);
void sighej_sim_air_close_mailbox (SighejSimAir *self);

/* Sends to every mailbox but our own. Returns: how many did not take it (full). */
guint sighej_sim_air_send (SighejSimAir *self, const guint8 *bytes, gsize n_bytes);

G_END_DECLS
