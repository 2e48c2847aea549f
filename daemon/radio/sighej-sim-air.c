/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-radio-sim"

#include "config.h"

#include "sighej-sim-air.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-payload.h"
#include "sighej-sim-packet.h"

#define INI_NAME "air.ini"
#define MAILBOX_PREFIX "r-"
#define MAILBOX_ID_BYTES 8
#define MAILBOX_NAME_BYTES (2 + 2 * MAILBOX_ID_BYTES + 1)

#define INTERVAL_MS_DEFAULT 250
#define INTERVAL_MS_MIN 20
#define INTERVAL_MS_MAX 10240
#define NOISE_DB_MAX 30.0
#define POSITION_M_MAX (SIGHEJ_SIM_POSITION_MM_MAX / 1000.0)
#define RSSI_DBM_MIN (-127)
#define RSSI_DBM_MAX 20

/* How often the folder is looked at where the kernel does not tell (inotify used up), seconds. */
#define POLL_SECONDS 1
#define EVENT_BUFFER_BYTES 4096

struct _SighejSimAir
{
  char *dir;
  char *name;
  SighejClock *clock;
  void (*changed) (gpointer user_data);
  gpointer user_data;

  int dir_fd;
  int send_fd;
  int notify_fd; /* -1: polled instead */
  guint notify_source;
  guint poll_wait;

  int mailbox_fd; /* -1: not listening */
  char mailbox[MAILBOX_NAME_BYTES];

  GPtrArray *peers; /* of char *: mailboxes, ours too */
  gboolean peers_known;

  SighejSimSettings settings;
  GHashTable *fixed_rssi; /* sender's name -> dBm */
};

/* ---- air.ini ---- */

static const struct
{
  const char *word;
  SighejReason reason;
} faults[] = {
  { "none", SIGHEJ_REASON_NONE },
  { "off", SIGHEJ_REASON_BLUETOOTH_OFF },
  { "missing", SIGHEJ_REASON_BLUETOOTH_MISSING },
  { "blocked-soft", SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT },
  { "blocked-hard", SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD },
  { "unsupported", SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED },
  { "denied", SIGHEJ_REASON_BLUETOOTH_DENIED },
  { "stalled", SIGHEJ_REASON_RADIO_STALLED },
  { "scan-conflict", SIGHEJ_REASON_SCAN_CONFLICT },
  { "privacy-blocked", SIGHEJ_REASON_PRIVACY_BLOCKED },
};

static void
complain (const char *group, const char *key)
{
  g_message (INI_NAME ": [%s] %s is not a value it may have; the default is used", group, key);
}

/* Leaves @value alone when the key is absent or wrong. */
static void
read_number (
    GKeyFile *ini, const char *group, const char *key, double min, double max, double *value)
{
  g_autoptr (GError) error = NULL;
  double number;

  if (!g_key_file_has_key (ini, group, key, NULL))
    return;

  number = g_key_file_get_double (ini, group, key, &error);
  if (error != NULL || !(number >= min && number <= max))
    complain (group, key);
  else
    *value = number;
}

static void
read_position (GKeyFile *ini, const char *group, SighejSimSettings *settings)
{
  gsize n_numbers = 0;
  g_autofree double *numbers = NULL;

  if (!g_key_file_has_key (ini, group, "position", NULL))
    return;

  numbers = g_key_file_get_double_list (ini, group, "position", &n_numbers, NULL);
  if (n_numbers != 2 || !(ABS (numbers[0]) <= POSITION_M_MAX)
      || !(ABS (numbers[1]) <= POSITION_M_MAX))
    {
      complain (group, "position");
      return;
    }
  settings->x_m = numbers[0];
  settings->y_m = numbers[1];
}

static void
read_fault (GKeyFile *ini, const char *group, SighejSimSettings *settings)
{
  g_autofree char *word = g_key_file_get_string (ini, group, "fault", NULL);

  if (word == NULL)
    return;
  if (*word == '\0')
    {
      settings->fault = SIGHEJ_REASON_NONE;
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      if (g_str_equal (faults[i].word, word))
        {
          settings->fault = faults[i].reason;
          return;
        }
    }
  complain (group, "fault");
}

static void
read_group (GKeyFile *ini, const char *group, SighejSimSettings *settings)
{
  double loudness_dbm = settings->loudness_dbm;
  double interval_ms = settings->interval_ms;

  read_position (ini, group, settings);
  read_number (ini,
               group,
               "tx-dbm",
               SIGHEJ_SIM_LOUDNESS_DBM_MIN,
               SIGHEJ_SIM_LOUDNESS_DBM_MAX,
               &loudness_dbm);
  read_number (ini, group, "interval-ms", INTERVAL_MS_MIN, INTERVAL_MS_MAX, &interval_ms);
  read_number (ini, group, "noise-sigma-db", 0, NOISE_DB_MAX, &settings->noise_sigma_db);
  read_number (ini, group, "loss", 0, 1, &settings->loss);
  read_fault (ini, group, settings);
  settings->loudness_dbm = (int) loudness_dbm;
  settings->interval_ms = (guint) interval_ms;
}

/* Groups "link.SENDER.us". */
static void
read_links (SighejSimAir *self, GKeyFile *ini)
{
  g_auto (GStrv) groups = g_key_file_get_groups (ini, NULL);

  g_hash_table_remove_all (self->fixed_rssi);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (groups[i], ".", 4);
      double rssi_dbm = G_MAXDOUBLE;

      if (g_strv_length (parts) != 3 || !g_str_equal (parts[0], "link")
          || !g_str_equal (parts[2], self->name))
        continue;
      read_number (ini, groups[i], "rssi-dbm", RSSI_DBM_MIN, RSSI_DBM_MAX, &rssi_dbm);
      if (rssi_dbm <= RSSI_DBM_MAX)
        g_hash_table_insert (
            self->fixed_rssi, g_strdup (parts[1]), GINT_TO_POINTER ((int) rssi_dbm));
    }
}

/* (nullable): the file's text, NULL when there is none or it is too large. */
static char *
load_ini (SighejSimAir *self, gsize *n_bytes)
{
  g_autofree char *path = g_build_filename (self->dir, INI_NAME, NULL);
  g_autofree char *text = NULL;
  GStatBuf stat_buf;

  if (g_stat (path, &stat_buf) != 0)
    return NULL;
  if (!S_ISREG (stat_buf.st_mode) || stat_buf.st_size > SIGHEJ_SIM_INI_BYTES_MAX
      || !g_file_get_contents (path, &text, n_bytes, NULL))
    {
      g_message (INI_NAME " cannot be read");
      return NULL;
    }
  return g_steal_pointer (&text);
}

static void
read_settings (SighejSimAir *self)
{
  g_autoptr (GKeyFile) ini = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *group = g_strconcat ("radio.", self->name, NULL);
  gsize n_bytes = 0;
  g_autofree char *text = load_ini (self, &n_bytes);

  self->settings = (SighejSimSettings){
    .loudness_dbm = SIGHEJ_TX_CAL_DEFAULT_DBM,
    .interval_ms = INTERVAL_MS_DEFAULT,
  };
  g_key_file_set_list_separator (ini, ',');
  if (text != NULL && !g_key_file_load_from_data (ini, text, n_bytes, G_KEY_FILE_NONE, &error))
    g_message (INI_NAME ": %s", error->message);
  read_group (ini, "radio", &self->settings);
  read_group (ini, group, &self->settings);
  read_links (self, ini);
}

const SighejSimSettings *
sighej_sim_air_get_settings (SighejSimAir *self)
{
  return &self->settings;
}

gboolean
sighej_sim_air_get_fixed_rssi (SighejSimAir *self, const char *sender, int *rssi_dbm)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (self->fixed_rssi, sender, NULL, &value))
    return FALSE;

  *rssi_dbm = GPOINTER_TO_INT (value);
  return TRUE;
}

/* ---- what happens in the folder ---- */

static void
reread (SighejSimAir *self)
{
  read_settings (self);
  self->changed (self->user_data);
}

/* One batch of events. Returns: whether air.ini is among them. */
static gboolean
take_events (SighejSimAir *self, const char *buffer, gsize n_bytes)
{
  gboolean ini_changed = FALSE;
  gsize at = 0;

  while (at + sizeof (struct inotify_event) <= n_bytes)
    {
      const struct inotify_event *event = (const struct inotify_event *) (buffer + at);

      if ((event->mask & IN_Q_OVERFLOW) != 0
          || (event->len > 0 && g_str_equal (event->name, INI_NAME)))
        ini_changed = TRUE;
      self->peers_known = FALSE;
      at += sizeof *event + event->len;
    }
  return ini_changed;
}

static gboolean
on_notify (int fd, GIOCondition condition, gpointer user_data)
{
  SighejSimAir *self = user_data;
  char buffer[EVENT_BUFFER_BYTES] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gssize n_bytes = read (fd, buffer, sizeof buffer);

  if (n_bytes > 0 && take_events (self, buffer, (gsize) n_bytes))
    reread (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_poll (gpointer user_data)
{
  SighejSimAir *self = user_data;

  self->poll_wait = sighej_clock_add (self->clock, POLL_SECONDS * G_USEC_PER_SEC, on_poll, self);
  self->peers_known = FALSE;
  reread (self);
  return G_SOURCE_REMOVE;
}

/* A file written in place counts when its writer closes it, so nobody reads half of it. */
static void
watch (SighejSimAir *self)
{
  self->notify_fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  if (self->notify_fd >= 0
      && inotify_add_watch (self->notify_fd,
                            self->dir,
                            IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE
                                | IN_ONLYDIR)
             >= 0)
    {
      self->notify_source = g_unix_fd_add (self->notify_fd, G_IO_IN, on_notify, self);
      g_source_set_name_by_id (self->notify_source, "sighej-sim-air");
      return;
    }

  g_debug ("no inotify: %s; looking every %d s", g_strerror (errno), POLL_SECONDS);
  self->poll_wait = sighej_clock_add (self->clock, POLL_SECONDS * G_USEC_PER_SEC, on_poll, self);
}

/* ---- life ---- */

static gboolean
open_dir (SighejSimAir *self, GError **error)
{
  struct stat stat_buf;

  if (g_mkdir_with_parents (self->dir, 0700) == 0)
    self->dir_fd = open (self->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->dir_fd >= 0 && fstat (self->dir_fd, &stat_buf) == 0 && stat_buf.st_uid == geteuid ())
    return TRUE;

  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "cannot use %s as the simulated radio's air: %s",
               self->dir,
               self->dir_fd >= 0 ? "it belongs to somebody else" : g_strerror (errno));
  return FALSE;
}

SighejSimAir *
sighej_sim_air_new (const char *dir,
                    const char *name,
                    SighejClock *clock,
                    void (*changed) (gpointer user_data),
                    gpointer user_data,
                    GError **error)
{
  SighejSimAir *self = g_new0 (SighejSimAir, 1);

  self->dir = g_strdup (dir);
  self->name = g_strdup (name);
  self->clock = g_object_ref (clock);
  self->changed = changed;
  self->user_data = user_data;
  self->dir_fd = self->notify_fd = self->mailbox_fd = -1;
  self->send_fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  self->peers = g_ptr_array_new_with_free_func (g_free);
  self->fixed_rssi = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (!open_dir (self, error))
    {
      sighej_sim_air_free (self);
      return NULL;
    }
  watch (self);
  read_settings (self);
  return self;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
sighej_sim_air_free (SighejSimAir *self)
{
  sighej_sim_air_close_mailbox (self);
  g_clear_handle_id (&self->notify_source, g_source_remove);
  sighej_clock_clear (self->clock, &self->poll_wait);
  close_fd (&self->notify_fd);
  close_fd (&self->send_fd);
  close_fd (&self->dir_fd);
  g_ptr_array_unref (self->peers);
  g_hash_table_unref (self->fixed_rssi);
  g_object_unref (self->clock);
  g_free (self->name);
  g_free (self->dir);
  g_free (self);
}

/* ---- mailboxes ---- */

/* Through the descriptor, because a socket's path may have no more than 107 characters. */
static socklen_t
make_address (SighejSimAir *self, const char *mailbox, struct sockaddr_un *address)
{
  address->sun_family = AF_UNIX;
  g_snprintf (
      address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", self->dir_fd, mailbox);
  return sizeof *address;
}

int
sighej_sim_air_open_mailbox (SighejSimAir *self, GError **error)
{
  struct sockaddr_un address;
  guint8 id[MAILBOX_ID_BYTES];

  g_return_val_if_fail (self->mailbox_fd < 0, -1);

  sighej_random_bytes (id, sizeof id);
  memcpy (self->mailbox, MAILBOX_PREFIX, strlen (MAILBOX_PREFIX));
  sighej_hex_encode (id, sizeof id, self->mailbox + strlen (MAILBOX_PREFIX));

  self->mailbox_fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->mailbox_fd < 0
      || bind (self->mailbox_fd,
               (struct sockaddr *) &address,
               make_address (self, self->mailbox, &address))
             != 0)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_FAILED,
                   "cannot listen in %s: %s",
                   self->dir,
                   g_strerror (errno));
      close_fd (&self->mailbox_fd);
    }
  return self->mailbox_fd;
}

void
sighej_sim_air_close_mailbox (SighejSimAir *self)
{
  if (self->mailbox_fd < 0)
    return;

  unlinkat (self->dir_fd, self->mailbox, 0);
  close_fd (&self->mailbox_fd);
}

static void
read_peers (SighejSimAir *self)
{
  int fd = openat (self->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  g_ptr_array_set_size (self->peers, 0);
  if (dir == NULL)
    {
      close_fd (&fd);
      return;
    }
  while (self->peers->len < SIGHEJ_SIM_PEERS_MAX && (entry = readdir (dir)) != NULL)
    {
      if (strlen (entry->d_name) == MAILBOX_NAME_BYTES - 1
          && g_str_has_prefix (entry->d_name, MAILBOX_PREFIX))
        g_ptr_array_add (self->peers, g_strdup (entry->d_name));
    }
  closedir (dir);
  self->peers_known = TRUE;
}

guint
sighej_sim_air_send (SighejSimAir *self, const guint8 *bytes, gsize n_bytes)
{
  guint n_full = 0;

  if (!self->peers_known)
    read_peers (self);

  for (guint i = 0; i < self->peers->len; i++)
    {
      const char *peer = self->peers->pdata[i];
      struct sockaddr_un address;
      socklen_t n_address;

      if (self->mailbox_fd >= 0 && g_str_equal (peer, self->mailbox))
        continue;
      n_address = make_address (self, peer, &address);
      if (sendto (self->send_fd,
                  bytes,
                  n_bytes,
                  MSG_DONTWAIT | MSG_NOSIGNAL,
                  (struct sockaddr *) &address,
                  n_address)
          >= 0)
        continue;

      n_full += errno == EAGAIN ? 1 : 0;
      if (errno == ECONNREFUSED)
        unlinkat (self->dir_fd, peer, 0);
      if (errno == ECONNREFUSED || errno == ENOENT)
        self->peers_known = FALSE;
    }
  return n_full;
}
