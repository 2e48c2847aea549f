/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

/*
 * bluetoothd answers when the controller has, and one that is stuck takes it 2 s for each of
 * several commands: after this it does not answer, seconds.
 */
#define SIGHEJ_BLUEZ_REQUEST_SECONDS 15

/**
 * SighejBluezTake:
 * @error: (nullable): NULL: done; G_IO_ERROR_TIMED_OUT: no answer, it may still be done
 */
typedef void (*SighejBluezTake) (gpointer user_data, const GError *error);

#define SIGHEJ_TYPE_BLUEZ_REQUEST (sighej_bluez_request_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezRequest, sighej_bluez_request, SIGHEJ, BLUEZ_REQUEST, GObject)

/**
 * SighejBluezRequest:
 *
 * The one request that a state machine has in flight to bluetoothd. Its time limit counts on the
 * clock. bluetoothd takes calls in their order, so what comes after one that was given up is done
 * after it. bluetoothd is never started by a request.
 */
SighejBluezRequest *sighej_bluez_request_new (SighejClock *clock, GDBusConnection *bus);

/**
 * sighej_bluez_request_call:
 * @path: of the adapter
 * @parameters: (nullable): floating
 * @take: called once, unless it is forgotten; then a next request may be made
 *
 * None may be in flight.
 */
void sighej_bluez_request_call (SighejBluezRequest *self,
                                const char *path,
                                const char *interface,
                                const char *method,
                                GVariant *parameters,
                                SighejBluezTake take,
                                gpointer user_data);

/* The same for an end: nobody waits for the answer, and one in flight does no harm. */
void sighej_bluez_request_send (SighejBluezRequest *self,
                                const char *path,
                                const char *interface,
                                const char *method,
                                GVariant *parameters);

/* What is in flight is not waited for any more. */
void sighej_bluez_request_forget (SighejBluezRequest *self);

G_END_DECLS
