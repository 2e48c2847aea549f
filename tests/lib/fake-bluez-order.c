/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "fake-bluez.h"

#define ADAPTERS_MAX 16
#define SENDERS_MAX 100000
#define RATE_MAX 20000
#define NUMBER_MAX 1000000
#define ROTATE_SECONDS 750
#define WORDS_MAX 16

/* One order or question. NULL: not understood; else its answer */
typedef char *(*Obey) (Fake *fake, char **words, guint n_words);

/* ---- orders ---- */

static char *
done (void)
{
  return g_strdup ("");
}

static gboolean
parse_number (const char *word, guint most, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (word, 10, 0, most, &value, NULL))
    return FALSE;
  *number = (guint) value;

  return TRUE;
}

static gboolean
parse_switch (const char *word, gboolean *on)
{
  *on = g_str_equal (word, "on");

  return *on || g_str_equal (word, "off");
}

static gboolean
parse_adapter (const char *word, guint *index)
{
  return g_str_has_prefix (word, "hci")
         && parse_number (word + strlen ("hci"), ADAPTERS_MAX - 1, index);
}

static FakeAdapter *
find_adapter (Fake *fake, const char *word)
{
  guint index;

  return parse_adapter (word, &index) ? fake_lookup (fake, (int) index) : NULL;
}

static gboolean
parse_kind_of_adapter (FakeAdapter *adapter, char **words, guint n_words)
{
  for (guint i = 4; i < n_words; i++)
    if (g_str_equal (words[i], "off"))
      adapter->powered = FALSE;
    else if (!g_str_has_prefix (words[i], "device=")
             || !parse_number (words[i] + strlen ("device="), G_MAXUINT8, &adapter->device))
      return FALSE;

  return TRUE;
}

static char *
add_adapter (Fake *fake, char **words, guint n_words)
{
  gboolean extended = n_words > 3 && g_str_equal (words[3], "extended");
  FakeAdapter *adapter;
  guint index;

  if (!parse_adapter (words[2], &index) || fake_lookup (fake, (int) index) != NULL || n_words < 4)
    return NULL;

  adapter = fake_adapter_new (fake, index, extended);
  if (!parse_kind_of_adapter (adapter, words, n_words))
    {
      fake_adapter_free (adapter);
      return NULL;
    }
  g_ptr_array_add (fake->adapters, adapter);
  if (fake->bus != NULL)
    fake_adapter_export (adapter);

  return done ();
}

static char *
obey_adapter (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[2]);

  if (g_str_equal (words[1], "add"))
    return add_adapter (fake, words, n_words);
  if (adapter == NULL || !g_str_equal (words[1], "remove"))
    return NULL;

  if (fake->bus != NULL)
    {
      fake_adverts_release (adapter);
      fake_monitors_release (adapter);
    }
  g_ptr_array_remove (fake->adapters, adapter);

  return done ();
}

static char *
obey_power (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  gboolean on;

  if (adapter == NULL || !parse_switch (words[2], &on))
    return NULL;

  if (n_words > 3)
    fake_adverts_release (adapter);
  fake_adapter_set_powered (adapter, on);

  return done ();
}

static char *
obey_discoverable (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  gboolean on;

  if (adapter == NULL || !parse_switch (words[2], &on))
    return NULL;

  fake_adapter_set_discoverable (adapter, on);

  return done ();
}

static char *
obey_connectable (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  gboolean on;

  if (adapter == NULL)
    return NULL;

  adapter->tells_connectable = parse_switch (words[2], &on);
  if (!adapter->tells_connectable && !g_str_equal (words[2], "untold"))
    return NULL;
  fake_adapter_set_connectable (adapter, on);

  return done ();
}

static char *
obey_foreign_scan (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || !parse_switch (words[2], &adapter->foreign_scan))
    return NULL;

  fake_adapter_update_discovering (adapter);

  return done ();
}

static char *
obey_discovering (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || !g_str_equal (words[2], "off"))
    return NULL;

  adapter->stopped_by_others = TRUE;
  fake_adapter_update_discovering (adapter);

  return done ();
}

static char *
obey_duplicates (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL)
    return NULL;

  adapter->filters_duplicates = g_str_equal (words[2], "filtered");

  return adapter->filters_duplicates || g_str_equal (words[2], "all") ? done () : NULL;
}

static char *
obey_forget (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  return adapter != NULL && parse_number (words[2], NUMBER_MAX, &adapter->forget_seconds) ? done ()
                                                                                          : NULL;
}

static char *
obey_instances (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  return adapter != NULL && parse_number (words[2], G_MAXUINT8, &adapter->n_instances) ? done ()
                                                                                       : NULL;
}

static char *
obey_activate (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || fake->bus == NULL)
    return NULL;
  fake_monitors_activate (adapter);

  return done ();
}

static char *
obey_release (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || fake->bus == NULL)
    return NULL;

  if (g_str_equal (words[0], "release"))
    fake_adverts_release (adapter);
  else
    fake_monitors_release (adapter);

  return done ();
}

static char *
obey_fail (Fake *fake, char **words, guint n_words)
{
  guint n_times = G_MAXUINT;

  if (n_words > 3 && !parse_number (words[3], NUMBER_MAX, &n_times))
    return NULL;

  return fake_rule_fail (fake, words[1], words[2], n_times) ? done () : NULL;
}

static char *
obey_slow (Fake *fake, char **words, guint n_words)
{
  guint delay_ms;

  if (!parse_number (words[2], NUMBER_MAX, &delay_ms))
    return NULL;

  fake_rule_slow (fake, words[1], delay_ms);

  return done ();
}

static char *
obey_hang (Fake *fake, char **words, guint n_words)
{
  fake_rule_hang (fake, words[1], g_str_equal (words[0], "hang"));

  return done ();
}

static char *
obey_lose (Fake *fake, char **words, guint n_words)
{
  guint n_times = 1;

  if (n_words > 2 && !parse_number (words[2], NUMBER_MAX, &n_times))
    return NULL;

  fake_rule_lose (fake, words[1], n_times);

  return done ();
}

static char *
obey_name (Fake *fake, char **words, guint n_words)
{
  gboolean take = g_str_equal (words[1], "take");
  gboolean stop = g_str_equal (words[1], "stop");

  if (take != (fake->bus == NULL) || (!take && !stop && !g_str_equal (words[1], "drop")))
    return NULL;

  if (take)
    fake_take_name (fake);
  else
    fake_drop_name (fake, stop);

  return done ();
}

static gboolean
parse_hex (const char *word, guint8 *bytes, guint n_most, guint *n_bytes)
{
  *n_bytes = (guint) (strlen (word) / 2);
  if (strlen (word) % 2 != 0 || *n_bytes > n_most)
    return FALSE;

  for (guint i = 0; i < *n_bytes; i++)
    {
      int high = g_ascii_xdigit_value (word[2 * i]);
      int low = g_ascii_xdigit_value (word[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      bytes[i] = (guint8) (high << 4 | low);
    }

  return TRUE;
}

static char *
obey_device (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  g_auto (GStrv) parts = g_strsplit (words[2], ":", -1);
  g_autofree char *hex = g_strjoinv ("", parts);
  guint8 address[FAKE_ADDRESS_BYTES];
  guint8 data[FAKE_DATA_BYTES_MAX];
  guint n_address;
  guint n_data;
  gint64 rssi_dbm;
  gboolean heard;

  if (adapter == NULL || !parse_hex (hex, address, sizeof address, &n_address)
      || n_address != sizeof address || !parse_hex (words[3], data, sizeof data, &n_data)
      || !g_ascii_string_to_signed (words[4], 10, G_MININT16, G_MAXINT16, &rssi_dbm, NULL))
    return NULL;

  heard = fake_device_hear (adapter, address, data, n_data, (gint16) rssi_dbm, n_words < 6);

  return g_strdup (heard ? "heard" : "unheard");
}

static gboolean
parse_crowd_option (const char *word, FakeCrowdOptions *options)
{
  const struct
  {
    const char *name;
    guint *value;
    guint most;
  } known[] = {
    { "seed=", &options->seed, G_MAXUINT },
    { "realm=", &options->realm, G_MAXUINT8 },
    { "rotate=", &options->rotate_seconds, NUMBER_MAX },
    { "foreign=", &options->foreign_percent, 100 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (g_str_has_prefix (word, known[i].name))
        return parse_number (word + strlen (known[i].name), known[i].most, known[i].value);
    }

  return FALSE;
}

static char *
obey_crowd (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  FakeCrowdOptions options = { .rotate_seconds = ROTATE_SECONDS };

  if (adapter == NULL)
    return NULL;
  if (g_str_equal (words[2], "stop"))
    {
      g_clear_pointer (&adapter->crowd, fake_crowd_free);
      return done ();
    }
  if (n_words < 5 || !parse_number (words[2], SENDERS_MAX, &options.n_senders)
      || !parse_number (words[3], RATE_MAX, &options.rate)
      || !parse_number (words[4], NUMBER_MAX, &options.seconds))
    return NULL;
  for (guint i = 5; i < n_words; i++)
    {
      if (!parse_crowd_option (words[i], &options))
        return NULL;
    }
  if (options.n_senders == 0 || options.rate == 0 || options.rotate_seconds == 0)
    return NULL;

  g_clear_pointer (&adapter->crowd, fake_crowd_free);
  adapter->crowd = fake_crowd_new (adapter, &options);

  return done ();
}

/* ---- questions ---- */

static char *
join_lines (GPtrArray *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (lines, i));

  return g_strdup (text->str);
}

static char *
tell_calls (Fake *fake, char **words, guint n_words)
{
  return fake_calls_describe (fake);
}

static char *
tell_violations (Fake *fake, char **words, guint n_words)
{
  return join_lines (fake->violations);
}

static char *
tell_air (Fake *fake, char **words, guint n_words)
{
  return join_lines (fake->air);
}

static char *
tell_on_air (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  return adapter != NULL ? fake_adverts_describe (adapter) : NULL;
}

static char *
tell_sent (Fake *fake, char **words, guint n_words)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, fake->n_sent);
}

static char *
tell_signals (Fake *fake, char **words, guint n_words)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, fake->n_signals);
}

static char *
tell_crowd (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL)
    return NULL;
  if (adapter->crowd == NULL)
    return g_strdup ("none");

  return g_strdup (fake_crowd_is_over (adapter->crowd) ? "over" : "running");
}

static const struct
{
  const char *word;
  guint n_least; /* words, the order's own among them */
  Obey obey;
} orders[] = {
  { "adapter", 3, obey_adapter },
  { "power", 3, obey_power },
  { "discoverable", 3, obey_discoverable },
  { "connectable", 3, obey_connectable },
  { "foreign-scan", 3, obey_foreign_scan },
  { "discovering", 3, obey_discovering },
  { "duplicates", 3, obey_duplicates },
  { "forget", 3, obey_forget },
  { "instances", 3, obey_instances },
  { "release", 2, obey_release },
  { "release-monitors", 2, obey_release },
  { "activate-monitors", 2, obey_activate },
  { "fail", 3, obey_fail },
  { "slow", 3, obey_slow },
  { "hang", 2, obey_hang },
  { "let", 2, obey_hang },
  { "lose", 2, obey_lose },
  { "name", 2, obey_name },
  { "device", 5, obey_device },
  { "crowd", 3, obey_crowd },
  { "calls", 1, tell_calls },
  { "violations", 1, tell_violations },
  { "air", 1, tell_air },
  { "on-air", 2, tell_on_air },
  { "sent", 1, tell_sent },
  { "signals", 1, tell_signals },
  { "crowd?", 2, tell_crowd },
};

char *
fake_obey (Fake *fake, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", WORDS_MAX);
  guint n_words = g_strv_length (words);

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      if (n_words >= orders[i].n_least && g_str_equal (words[0], orders[i].word))
        return orders[i].obey (fake, words, n_words);
    }

  return NULL;
}
