/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load-line.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load-figures.h"

#define READ_BYTES (256 * 1024)
#define FRAME_BYTES_MAX (64 * 1024)
#define SAY_BYTES_MAX 125
#define EVENTS 256

#define OPCODE_TEXT 1
#define OPCODE_CLOSE 8
#define OPCODE_PING 9
#define OPCODE_PONG 10

static int epoll_fd;
static struct sockaddr_in server;

void
load_line_setup (const char *host, int port)
{
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons ((uint16_t) port) };
  if (inet_pton (AF_INET, host, &server.sin_addr) != 1)
    load_die ("the server must be named by an IPv4 address, not %s", host);
}

static void
watch (LoadLine *line, int operation)
{
  bool wants_out = !line->is_connected || line->n_out > 0;
  struct epoll_event event
      = { .events = wants_out ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = line };

  if (epoll_ctl (epoll_fd, operation, line->fd, &event) != 0)
    load_die ("cannot watch a socket: %s", strerror (errno));
}

static void
keep (char **kept, size_t *n_kept, const char *data, size_t n_data)
{
  *kept = load_alloc (*kept, *n_kept + n_data);
  memcpy (*kept + *n_kept, data, n_data);
  *n_kept += n_data;
}

void
load_line_open (LoadLine *line, const LoadLineCalls *calls, void *owner, const char *handshake)
{
  int yes = 1;

  *line = (LoadLine){ .calls = calls, .owner = owner, .is_websocket = handshake != NULL };
  line->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (line->fd < 0)
    load_die ("no socket: %s; raise the limit of open files", strerror (errno));
  setsockopt (line->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect (line->fd, (struct sockaddr *) &server, sizeof server) != 0 && errno != EINPROGRESS)
    load_die ("cannot connect: %s", strerror (errno));
  if (handshake != NULL)
    keep (&line->out, &line->n_out, handshake, strlen (handshake));
  watch (line, EPOLL_CTL_ADD);
}

static void
lose (LoadLine *line, const char *why)
{
  close (line->fd);
  line->fd = -1;
  line->is_open = line->is_connected = false;
  free (line->in);
  free (line->out);
  line->in = line->out = NULL;
  line->n_in = line->n_out = 0;
  line->calls->lost (line, why);
}

/* A dead socket shows at the next read. */
static size_t
send_some (LoadLine *line, const char *data, size_t n_data)
{
  ssize_t n_sent = send (line->fd, data, n_data, MSG_NOSIGNAL);

  return n_sent < 0 ? 0 : (size_t) n_sent;
}

void
load_line_send (LoadLine *line, const void *data, size_t n_data)
{
  size_t n_sent = 0;

  if (line->fd < 0)
    return;
  if (line->is_connected && line->n_out == 0)
    n_sent = send_some (line, data, n_data);
  if (n_sent == n_data)
    return;
  keep (&line->out, &line->n_out, (const char *) data + n_sent, n_data - n_sent);
  watch (line, EPOLL_CTL_MOD);
}

static void
flush (LoadLine *line)
{
  size_t n_sent = line->n_out == 0 ? 0 : send_some (line, line->out, line->n_out);

  line->n_out -= n_sent;
  memmove (line->out, line->out + n_sent, line->n_out);
  if (line->n_out == 0)
    {
      free (line->out);
      line->out = NULL;
    }
  watch (line, EPOLL_CTL_MOD);
}

static void
send_frame (LoadLine *line, int opcode, const char *payload, size_t n_payload)
{
  static const unsigned char mask[4] = { 0x3a, 0xc5, 0x91, 0x6e };
  unsigned char frame[6 + SAY_BYTES_MAX];

  if (n_payload > SAY_BYTES_MAX)
    load_die ("a message is too long to be said");
  frame[0] = (unsigned char) (0x80 | opcode);
  frame[1] = (unsigned char) (0x80 | n_payload);
  memcpy (frame + 2, mask, sizeof mask);
  for (size_t i = 0; i < n_payload; i++)
    frame[6 + i] = (unsigned char) payload[i] ^ mask[i % 4];
  load_line_send (line, frame, 6 + n_payload);
}

void
load_line_say (LoadLine *line, const char *text)
{
  send_frame (line, OPCODE_TEXT, text, strlen (text));
}

/* ---- in: each takes what is whole and returns its length, 0 for more, -1 for nonsense ---- */

static const char *
find_header (const char *head, const char *end, const char *name)
{
  size_t n_name = strlen (name);

  for (const char *line = head; line < end; line += strcspn (line, "\n") + 1)
    if (strncasecmp (line, name, n_name) == 0)
      return line + n_name;
  return NULL;
}

static ssize_t
take_answer (LoadLine *line, char *data, size_t n_data)
{
  char *end = memmem (data, n_data, "\r\n\r\n", 4);
  const char *length;
  size_t n_head, n_body;
  char kept;

  if (end == NULL)
    return 0;
  n_head = (size_t) (end + 4 - data);
  length = find_header (data, end + 2, "Content-Length:");
  n_body = length == NULL ? 0 : strtoul (length, NULL, 10);
  if (strncmp (data, "HTTP/1.1 ", 9) != 0 || (length == NULL && strncmp (data + 9, "204", 3) != 0))
    return -1;
  if (n_data < n_head + n_body)
    return 0;
  kept = data[n_head + n_body];
  data[n_head + n_body] = '\0';
  line->calls->answered (line, atoi (data + 9), data + n_head);
  data[n_head + n_body] = kept;
  return (ssize_t) (n_head + n_body);
}

static ssize_t
take_handshake (LoadLine *line, char *data, size_t n_data)
{
  char *end = memmem (data, n_data, "\r\n\r\n", 4);

  if (end == NULL)
    return 0;
  if (strncmp (data, "HTTP/1.1 101", 12) != 0)
    return -1;
  line->is_open = true;
  line->has_protocol = find_header (data, end + 2, "Sec-WebSocket-Protocol:") != NULL;
  line->calls->opened (line);
  return end + 4 - data;
}

static bool
handle_frame (LoadLine *line, int opcode, char *payload, size_t n_payload)
{
  char kept = payload[n_payload];

  if (opcode == OPCODE_PING)
    send_frame (line, OPCODE_PONG, payload, n_payload);
  if (opcode != OPCODE_TEXT)
    return opcode == OPCODE_PING || opcode == OPCODE_PONG;
  payload[n_payload] = '\0';
  line->calls->said (line, payload, n_payload);
  payload[n_payload] = kept;
  return true;
}

static void
take_close (LoadLine *line, const unsigned char *payload, size_t n_payload)
{
  char why[64];

  snprintf (
      why, sizeof why, "closed with %d", n_payload >= 2 ? payload[0] << 8 | payload[1] : 1005);
  lose (line, why);
}

static ssize_t
take_frame (LoadLine *line, char *data, size_t n_data)
{
  const unsigned char *bytes = (const unsigned char *) data;
  size_t n_header = 2, n_payload;

  if (n_data < 4 && (n_data < 2 || bytes[1] >= 126))
    return 0;
  n_payload = bytes[1];
  if (n_payload == 126)
    {
      n_header = 4;
      n_payload = (size_t) bytes[2] << 8 | bytes[3];
    }
  /* A server masks nothing, and none of ours needs fragments or 64 KiB. */
  if ((bytes[0] & 0xf0) != 0x80 || n_payload == 127 || n_payload > FRAME_BYTES_MAX)
    return -1;
  if (n_data < n_header + n_payload)
    return 0;
  if ((bytes[0] & 0x0f) == OPCODE_CLOSE)
    {
      take_close (line, bytes + n_header, n_payload);
      return 0;
    }
  if (!handle_frame (line, bytes[0] & 0x0f, data + n_header, n_payload))
    return -1;
  return (ssize_t) (n_header + n_payload);
}

static ssize_t
take_next (LoadLine *line, char *data, size_t n_data)
{
  if (!line->is_websocket)
    return take_answer (line, data, n_data);
  return line->is_open ? take_frame (line, data, n_data) : take_handshake (line, data, n_data);
}

static void
take_all (LoadLine *line, char *data, size_t n_data)
{
  size_t done = 0;
  ssize_t step = 1;

  while (step > 0 && done < n_data && line->fd >= 0)
    {
      step = take_next (line, data + done, n_data - done);
      done += step > 0 ? (size_t) step : 0;
    }
  free (line->in);
  line->in = NULL;
  line->n_in = 0;
  if (line->fd < 0)
    return;
  if (step < 0)
    lose (line, line->is_open ? "a frame or answer nobody expects" : "the handshake is refused");
  else if (done < n_data)
    keep (&line->in, &line->n_in, data + done, n_data - done);
}

static void
read_in (LoadLine *line)
{
  static char buffer[READ_BYTES + 1];
  size_t n_kept = line->n_in;
  ssize_t n_read;

  if (n_kept > 0)
    memcpy (buffer, line->in, n_kept);
  n_read = recv (line->fd, buffer + n_kept, READ_BYTES - n_kept, 0);
  if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n_read <= 0)
    lose (line, n_read == 0 ? "closed by the server" : strerror (errno));
  else
    take_all (line, buffer, n_kept + (size_t) n_read);
}

static void
connected (LoadLine *line)
{
  int problem = 0;
  socklen_t n_problem = sizeof problem;

  getsockopt (line->fd, SOL_SOCKET, SO_ERROR, &problem, &n_problem);
  if (problem != 0)
    load_die ("cannot connect: %s", strerror (problem));
  line->is_connected = true;
  flush (line);
  if (!line->is_websocket)
    {
      line->is_open = true;
      line->calls->opened (line);
    }
}

void
load_line_turn (uint64_t ns)
{
  struct epoll_event events[EVENTS];
  struct timespec wait = { (time_t) (ns / 1000000000u), (long) (ns % 1000000000u) };
  int n_events = epoll_pwait2 (epoll_fd, events, EVENTS, &wait, NULL);

  for (int i = 0; i < n_events; i++)
    {
      LoadLine *line = events[i].data.ptr;

      if (line->fd >= 0 && !line->is_connected)
        connected (line);
      else if (line->fd >= 0 && (events[i].events & EPOLLOUT) != 0)
        flush (line);
      if (line->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        read_in (line);
    }
}
