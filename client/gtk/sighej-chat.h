/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejChat:
 *
 * The talk of one meet: what was said, and where one writes. It asks the daemon for what it does
 * not have yet whenever that says there is something, and tells it that messages were seen only
 * while they are on the screen of a window that has the focus. At most
 * %SIGHEJ_TALK_LOG_MESSAGES_MAX are kept.
 */
#define SIGHEJ_TYPE_CHAT (sighej_chat_get_type ())
G_DECLARE_FINAL_TYPE (SighejChat, sighej_chat, SIGHEJ, CHAT, AdwBin)

/* Once, before anything else. */
void sighej_chat_set_model (SighejChat *self, SighejModel *model);

/**
 * sighej_chat_show:
 * @id: number of the meet; 0: none
 * @meet: (nullable): what the bus says of it now
 *
 * Another number forgets the talk and begins with that of the other meet.
 */
void sighej_chat_show (SighejChat *self, guint id, SighejDBusMeet1 *meet);

/* (transfer none) (nullable): what the other side said last, if it was not read */
const char *sighej_chat_get_unread_text (SighejChat *self);

/* (transfer none): SighejTalkMessage of the meet */
GListModel *sighej_chat_get_messages (SighejChat *self);

G_END_DECLS
