/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"
#include "sighej-radio.h"

G_BEGIN_DECLS

/*
 * What the real radio has to say to `doctor`, in words: facts in, lines out. Each appends one
 * line to @results.
 */

/**
 * sighej_bluez_doctor_check_trouble:
 * @trouble: of the radio
 * @crowded_out: it is that other programs use all of the adapter's advertisements
 *
 * "bluetooth.adapter"
 */
void
sighej_bluez_doctor_check_trouble (GPtrArray *results, SighejReason trouble, gboolean crowded_out);

/**
 * sighej_bluez_doctor_check_privacy:
 * @extended: the controller has extended advertising
 * @sees_settings: the kernel's settings can be watched
 *
 * "bluetooth.privacy"
 */
void sighej_bluez_doctor_check_privacy (GPtrArray *results,
                                        SighejPrivacy privacy,
                                        gboolean extended,
                                        gboolean sees_settings);

/**
 * sighej_bluez_doctor_check_scan:
 * @can_monitor: every packet can be had
 * @silent: nothing at all was heard for long, of no device
 *
 * "bluetooth.scan"
 */
void sighej_bluez_doctor_check_scan (GPtrArray *results, gboolean can_monitor, gboolean silent);

G_END_DECLS
