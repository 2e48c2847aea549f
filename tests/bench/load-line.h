/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The sockets of sighej-load: HTTP/1.1 connections that are kept, and WebSockets, all on one
 * epoll descriptor. Just enough of both protocols to drive a server that keeps to them; what it
 * does not expect it reports as lost.
 */

typedef struct LoadLine LoadLine;

typedef struct
{
  void (*opened) (LoadLine *line); /* connected, or the handshake is done */
  void (*answered) (LoadLine *line, int status, const char *body); /* HTTP */
  void (*said) (LoadLine *line, const char *text, size_t n_text);  /* WebSocket; NUL follows */
  void (*lost) (LoadLine *line, const char *why);
} LoadLineCalls;

struct LoadLine
{
  const LoadLineCalls *calls;
  void *owner;
  int fd;
  bool is_websocket;
  bool is_connected;
  bool is_open;
  bool has_protocol; /* the handshake agreed to a subprotocol */
  char *in;          /* what is not understood yet; NULL most of the time */
  size_t n_in;
  char *out; /* what the socket did not take yet; NULL most of the time */
  size_t n_out;
};

/* Once, before any line. @host: an IPv4 address. */
void load_line_setup (const char *host, int port);

/* Connects; @handshake: (nullable): the request that makes a WebSocket of it, copied. */
void
load_line_open (LoadLine *line, const LoadLineCalls *calls, void *owner, const char *handshake);
void load_line_send (LoadLine *line, const void *data, size_t n_data);
void load_line_say (LoadLine *line, const char *text); /* at most 125 bytes, one frame */

/* Waits for at most @ns, and calls. */
void load_line_turn (uint64_t ns);
