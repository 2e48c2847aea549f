/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-names.h"
#include "sighej-token.h"

G_BEGIN_DECLS

/**
 * sighej_log_init:
 * @program: name in front of each line when the journal is not the reader
 * @level: "error" "warning" "message" "info" or "debug"
 *
 * Installs the log writer: the journal with its structured fields when stderr goes there, else
 * lines on stderr. Messages below @level are dropped.
 */
void sighej_log_init (const char *program, const char *level);

/* Whether a message of @level would be written: for what is costly to put together. */
gboolean sighej_log_shows (GLogLevelFlags level);

/* FALSE: not a level's name; nothing changed. */
gboolean sighej_log_set_level (const char *level);

/*
 * What a log may say of an id: the first 8 hex digits of HMAC (a key drawn at start, id)
 * (SECURITY-DESIGN T-15). The string lives in a small ring of thread-local buffers.
 */
const char *sighej_log_redact (const char *id);

/**
 * sighej_log_share_key:
 *
 * For processes that write one log: in each of them an id then reads the same.
 *
 * Returns: a descriptor that holds the key, closed on exec; -1 when there is no memory for it
 */
int sighej_log_share_key (void);

/* Uses the key in @fd, which stays the caller's; before anything is logged. FALSE: there is none.
 */
gboolean sighej_log_take_key (int fd);

/**
 * sighej_log_event:
 * @domain: G_LOG_DOMAIN
 * @message_id: (nullable): of sighej-message-ids.h, when the catalogue explains this event
 * @state: (nullable): a word of SighejState
 * @reason: a word of SighejReason; "" when there is none
 * @format: the sentence for people, and what it takes
 *
 * Says at level "info" what became of us, with the journal's fields.
 */
void sighej_log_event (const char *domain,
                       const char *message_id,
                       const char *state,
                       const char *reason,
                       const char *format,
                       ...) G_GNUC_PRINTF (5, 6);

/* g_log_structured() with one extra field; @value is plain text, a format follows for people. */
#define sighej_log_field(level, field, value, ...)                                                 \
  g_log_structured (G_LOG_DOMAIN, (level), (field), (value), "MESSAGE", __VA_ARGS__)

G_END_DECLS
