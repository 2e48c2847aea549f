/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-peer.h"

G_BEGIN_DECLS

#define SIGHEJ_PEER_SIGHTINGS_MAX 256 /* that wait for the store's answer */

/* The sightings of one socket: each is answered by its id. A value in its peer. */
typedef struct
{
  guint16 n_pending;
} SighejPeerSightings;

/* @self, @places: of @peer, which is kept alive until the answer */
void sighej_peer_sightings_take (SighejPeerSightings *self,
                                 SighejPeer *peer,
                                 SighejService *service,
                                 SighejServicePlaces *places,
                                 const SighejWireClientMessage *message);

G_END_DECLS
