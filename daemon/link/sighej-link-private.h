/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-link-session.h"
#include "sighej-link.h"

G_BEGIN_DECLS

/*
 * What the files of SighejLink share: sighej-link.c keeps the sessions, sighej-link-requests.c asks
 * the backend in the name of the live one.
 */

/* (nullable) (transfer none): the session whose tokens count. */
SighejLinkSession *sighej_link_get_live (SighejLink *self);

G_END_DECLS
