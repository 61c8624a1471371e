using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VgpuPS.Fuzz;

/// <summary>Makes inputs from samples: bytes, words, lines and numbers are changed, taken out, doubled, and put
/// elsewhere.</summary>
/// <param name="random">The seed's numbers.</param>
public sealed class Mutation(Random random)
{
    private const int MaxInputLength = 64 * 1024;
    private const int MaxChanges = 6;

    private static readonly byte[][] s_words =
    [
        .. new[]
        {
            "null", "true", "false", "{}", "[]", "[null]", "{\"", "\":", "\"", "\\", "\\ud800", "\"\\udc00\"",
            "\\u001b[2J", "\\u202e",
            "1e400", "-1", "0", "1.5", "2147483648", "4294967296", "9223372036854775808", "99999999999999999999", "-0",
            "1e-400",
            "\e]0;x\a", "\u202E", "\u2028", "\uFEFF", "\0", "\n", "\r\n", "\r", "\t", " ", "=", ",", ";", ":", "#", "'",
            "`", "$(id)", "\"\"",
            "..", "/", "%", "*", "?", "[", "]", "hostpci0: ", "mdev=", "mapping=", "nvidia-", "0000:4b:00.4", "export ",
            "\\\n", "EOF",
        }.Select(Encoding.UTF8.GetBytes), [0xff], [0xc3], [0xed, 0xa0, 0x80], [0x80],
    ];

    private static readonly string[] s_values =
    [
        "null", "true", "0", "-1", "1.5", "1e400", "4294967296", "99999999999999999999", "\"\"", "\"\\ud800\"",
        "\"\\u001b[2J\\u202e\"", "{}", "[]",
        "[null]", "[{}]", "{\"\":null}", "{\"\\udc00\":1}", "\"0000:4b:00.4\"", "\"nvidia-0\"", "\"/\"", "101",
    ];

    /// <summary>An input for a target.</summary>
    public byte[] Next(FuzzTarget target) =>
        target.IsJson && random.Next(2) == 0 && NextJson(Pick(target.Samples)) is { } input
            ? input : Next(target.Samples);

    private byte[]? NextJson(byte[] sample)
    {
        try
        {
            using var document = JsonDocument.Parse(sample);
            var text = new StringBuilder(sample.Length + 64);
            var left = random.Next(1, 3);
            var places = Count(document.RootElement);
            var chosen = new HashSet<int>(Enumerable.Range(0, left).Select(_ => random.Next(places)));
            var at = 0;
            Write(text, document.RootElement, chosen, ref at);
            return Encoding.UTF8.GetBytes(text.ToString());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int Count(JsonElement element) => 1 + element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Sum(m => Count(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().Sum(Count),
        _ => 0,
    };

    // Chosen values become others; of a chosen object one member is left out, doubled, or renamed.
    private void Write(StringBuilder text, JsonElement element, HashSet<int> chosen, ref int at)
    {
        var isChosen = chosen.Contains(at++);
        if (isChosen && (element.ValueKind is not JsonValueKind.Object || random.Next(3) == 0))
        {
            text.Append(s_values[random.Next(s_values.Length)]);
            at += Count(element) - 1;
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(text, element, chosen, isChosen, ref at);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var isFirst = true;
                foreach (var item in element.EnumerateArray())
                {
                    text.Append(isFirst ? "" : ",");
                    isFirst = false;
                    Write(text, item, chosen, ref at);
                }

                text.Append(']');
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    private void WriteObject(StringBuilder text, JsonElement element, HashSet<int> chosen, bool isChosen, ref int at)
    {
        text.Append('{');
        var (isFirst, index) = (true, 0);
        var victim = isChosen ? random.Next(Math.Max(1, element.EnumerateObject().Count())) : -1;
        foreach (var member in element.EnumerateObject())
        {
            var isVictim = index++ == victim;
            if (isVictim && random.Next(2) == 0)
            {
                at += Count(member.Value);
                continue;
            }

            text.Append(isFirst ? "" : ",").Append('"').Append(isVictim ? "other" : member.Name).Append("\":");
            isFirst = false;
            Write(text, member.Value, chosen, ref at);
        }

        text.Append('}');
    }

    private byte[] Next(IReadOnlyList<byte[]> samples)
    {
        var input = new List<byte>(Pick(samples));
        for (var left = random.Next(1, MaxChanges + 1); left > 0; left--)
        {
            Change(input, samples);
        }

        return input.Count <= MaxInputLength ? [.. input] : [.. input.Take(MaxInputLength)];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> samples)
    {
        var at = random.Next(input.Count + 1);
        var length = random.Next(1, 1 + (random.Next(4) == 0 ? 64 : 6));
        length = Math.Min(length, input.Count - at);
        switch (random.Next(11))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(at, input.GetRange(random.Next(input.Count - length + 1), length));
                break;
            case 4 or 5:
                input.InsertRange(at, Pick(s_words));
                break;
            case 6:
                input.RemoveRange(at, length);
                input.InsertRange(at, Pick(s_words));
                break;
            case 7:
                Splice(input, at, Pick(samples));
                break;
            case 8:
                ReplaceToken(input, at);
                break;
            case 9:
                RemoveToken(input, at);
                break;
            default:
                Number(input, at);
                break;
        }
    }

    private void Splice(List<byte> input, int at, byte[] other)
    {
        var from = random.Next(other.Length + 1);
        var count = random.Next(other.Length - from + 1);
        input.InsertRange(at, other.AsSpan(from, count).ToArray());
    }

    // A word of letters and digits, a text in quotes, or a line: what a reader takes as one.
    private static (int From, int To) TokenAt(List<byte> input, int at)
    {
        var (from, to) = (at, at);
        while (from > 0 && IsOfWord(input[from - 1]))
        {
            from--;
        }

        while (to < input.Count && IsOfWord(input[to]))
        {
            to++;
        }

        return (from, to);
    }

    private static bool IsOfWord(byte b) => char.IsAsciiLetterOrDigit((char)b)
        || b is (byte)'_' or (byte)'-' or (byte)'.' or (byte)'"';

    private void ReplaceToken(List<byte> input, int at)
    {
        var (from, to) = TokenAt(input, at);
        input.RemoveRange(from, to - from);
        input.InsertRange(from, Pick(s_words));
    }

    private static void RemoveToken(List<byte> input, int at)
    {
        var (from, to) = TokenAt(input, at);
        input.RemoveRange(from, to < input.Count ? to - from + 1 : to - from);
    }

    private void Number(List<byte> input, int at)
    {
        var number = random.Next(3) switch
        {
            0 => random.Next(-2, 40).ToString(CultureInfo.InvariantCulture),
            1 => random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture),
            _ => Math.ScaleB(random.NextDouble(), random.Next(-1080, 1080)).ToString("R", CultureInfo.InvariantCulture),
        };
        var to = at;
        while (to < input.Count && char.IsAsciiDigit((char)input[to]))
        {
            to++;
        }

        input.RemoveRange(at, to - at);
        input.InsertRange(at, Encoding.ASCII.GetBytes(number));
    }

    private byte[] Pick(IReadOnlyList<byte[]> from) => from[random.Next(from.Count)];
}
