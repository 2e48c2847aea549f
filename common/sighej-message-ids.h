/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the journal tells at length: the MESSAGE_ID= of the few events an administrator searches for
 * or sets an alarm on (INTERFACES 5). "journalctl -x" shows the text of systemd/catalog, which has
 * the same identifiers; once given, one never changes its meaning.
 */

/* On the air; SIGHEJ_STATE=open. */
#define SIGHEJ_MESSAGE_ID_OPEN "46a2af15c22746638fa61d4096e81131"
/* Off the air, the session deleted; SIGHEJ_STATE=off, SIGHEJ_REASON= why. */
#define SIGHEJ_MESSAGE_ID_CLOSED "766c4779aa304ca8b5f651bd1798ad93"
/* Bluetooth stands in the way; SIGHEJ_STATE=waiting, SIGHEJ_REASON= which way. */
#define SIGHEJ_MESSAGE_ID_BLOCKED "c0e6e65c2df54bc8b2dc456901213da7"
/* The backend cannot be reached or refuses; SIGHEJ_REASON= which of the two. */
#define SIGHEJ_MESSAGE_ID_BACKEND_LOST "23f3b9be588a48b593c07ea3d21f80dc"
