/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "sighej-carrier.h"

G_BEGIN_DECLS

/* A request libsoup read, and its answer for libsoup to write. @message: a reference is taken */
SighejCarrier *sighej_soup_carrier_new (SoupServerMessage *message);

/* @carrier: one of these */
SoupServerMessage *sighej_soup_carrier_get_message (SighejCarrier *carrier);

G_END_DECLS
