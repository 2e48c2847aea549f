/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"

G_BEGIN_DECLS

/**
 * SighejStoreMeter:
 *
 * A store that hands every call on to another one, and tells the metrics how long it took, what
 * came of it and how often it failed. Stores know nothing of it; its signals are theirs. Some
 * 0.1 us a call.
 */
#define SIGHEJ_TYPE_STORE_METER (sighej_store_meter_get_type ())
G_DECLARE_FINAL_TYPE (SighejStoreMeter, sighej_store_meter, SIGHEJ, STORE_METER, GObject)

SighejStore *sighej_store_meter_new (SighejStore *store);

G_END_DECLS
