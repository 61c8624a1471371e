namespace VgpuPS.Bench;

/// <content>How it is read.</content>
internal sealed partial record BenchOptions
{
    /// <summary>Bytes of a copy at most: 1 TiB.</summary>
    public const long MaxBytes = 1L << 40;

    /// <summary>Rows of a product at most: a grid has 65,535 blocks of 128 rows.</summary>
    /// <remarks>Source: limits of cuLaunchKernel, grid dimension y (assumed).</remarks>
    public const int MaxRows = 65_535 * 128;

    /// <summary>Columns of a matrix at most.</summary>
    public const int MaxColumns = 1 << 30;

    private static readonly string[] s_common = ["--seconds", "--start-at", "--interval", "--device"];

    /// <summary>The commands, each with the options that it must have and those that it may have.</summary>
    private static readonly Dictionary<string, (string[] Needed, string[] Allowed)> s_commands =
        new(StringComparer.Ordinal)
        {
            [HostToDevice] = (["--bytes"], s_common),
            [DeviceToHost] = (["--bytes"], s_common),
            [DeviceToDevice] = (["--bytes"], s_common),
            [Gemm] = (["--m", "--n", "--k"], s_common),
            [Tensor] = ([], s_common),
            [Info] = ([], ["--device"]),
            [Clock] = ([], []),
            [Version] = ([], []),
            [Help] = ([], []),
        };

    /// <summary>Reads a command line.</summary>
    /// <exception cref="BenchFailure">It cannot be right.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
        {
            throw Invalid("no workload is given", "see what there is: vgpu-bench --help");
        }

        var command = arguments[0] is "-h" ? Help : arguments[0];
        if (!s_commands.TryGetValue(command, out var options))
        {
            throw Invalid(
                $"{Quote(command)} is not a workload",
                $"take one of {string.Join(", ", s_commands.Keys)}; vgpu-bench --help says what they do");
        }

        var values = Read(command, [.. options.Needed, .. options.Allowed], arguments);
        var missing = Array.FindAll(options.Needed, o => !values.ContainsKey(o));
        if (missing.Length > 0)
        {
            throw Invalid($"{command} needs {string.Join(" and ", missing)}", $"{Example(command)}");
        }

        return new(command)
        {
            Bytes = Whole(values, "--bytes", 1, MaxBytes, 0),
            M = (int)Whole(values, "--m", 1, MaxRows, 0),
            N = (int)Whole(values, "--n", 1, MaxColumns, 0),
            K = (int)Whole(values, "--k", 1, MaxColumns, 0),
            Seconds = Real(values, "--seconds", 0.1, 86_400) ?? 10,
            StartAt = Real(values, "--start-at", 1, 100_000_000_000),
            Interval = Real(values, "--interval", 0.01, 60) ?? 0.25,
            Device = (int)Whole(values, "--device", 0, 1023, 0),
        };
    }

    private static Dictionary<string, string> Read(
        string command, string[] known, IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i < arguments.Count; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var left, var right]
                ? (left, right) : (arguments[i], (string?)null);
            if (!Array.Exists(known, o => o == name))
            {
                throw Invalid(
                    $"{command} takes no {Quote(name)}",
                    known.Length == 0 ? $"leave it out: vgpu-bench {command}" : $"it takes {string.Join(", ", known)}");
            }

            value ??= ++i < arguments.Count
                ? arguments[i] : throw Invalid($"{name} has no value", $"{Example(command)}");
            if (!values.TryAdd(name, value))
            {
                throw Invalid($"{name} is given twice, {Quote(values[name])} and {Quote(value)}", "give it once");
            }
        }

        return values;
    }

    private static long Whole(Dictionary<string, string> values, string name, long least, long most, long absent)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return absent;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw Invalid($"{name} is {Quote(text)}", $"give a whole number from {least} to {most}");
    }

    private static double? Real(Dictionary<string, string> values, string name, double least, double most)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw Invalid(
                $"{name} is {Quote(text)}",
                string.Create(CultureInfo.InvariantCulture, $"give seconds from {least} to {most}, such as 2.5"));
    }

    private static string Example(string command) => command switch
    {
        Gemm => "give all three sizes: vgpu-bench gemm --m 1024 --n 1024 --k 1024",
        DeviceToDevice => "give it: vgpu-bench d2d --bytes 384000000",
        HostToDevice or DeviceToHost => $"give it: vgpu-bench {command} --bytes 32000000",
        _ => $"give it, or leave the option out: vgpu-bench {command}",
    };

    private static string Quote(string text) => $"'{VisibleLine.Of(text)}'";

    private static BenchFailure Invalid(string message, string action) => new(ExitCodes.Usage, message, action);
}
