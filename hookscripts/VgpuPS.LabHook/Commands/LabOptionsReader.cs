namespace VgpuPS.LabHook.Commands;

/// <summary>Takes options out of a command line; what is left must be used up.</summary>
internal sealed class LabOptionsReader(IEnumerable<string> arguments)
{
    private readonly List<string> _remaining = [.. arguments];

    /// <summary>What has not been taken yet, in order.</summary>
    public IReadOnlyList<string> Remaining => _remaining;

    /// <summary>Takes all <c>NAME VALUE</c> and <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> TakeAll(string name)
    {
        var values = new List<string>();
        for (var index = _remaining.IndexOf(name); index >= 0; index = _remaining.IndexOf(name))
        {
            if (index + 1 >= _remaining.Count)
            {
                throw Wrong($"{name} needs a value");
            }

            values.Add(_remaining[index + 1]);
            _remaining.RemoveRange(index, 2);
        }

        var start = name + "=";
        values.AddRange(
            _remaining.Where(a => a.StartsWith(start, StringComparison.Ordinal)).Select(a => a[start.Length..]));
        _remaining.RemoveAll(a => a.StartsWith(start, StringComparison.Ordinal));
        return values;
    }

    /// <summary>Takes one, or null where there is none.</summary>
    public string? Take(string name) => TakeAll(name) switch
    {
        [] => null,
        [var only] => only,
        _ => throw Wrong($"{name} is specified twice"),
    };

    /// <summary>Takes one of some values; another one where there is none.</summary>
    /// <exception cref="InvalidRequestException">It is none of them.</exception>
    public T Choose<T>(string name, T otherwise, params IReadOnlyList<(string Text, T Value)> values)
    {
        if (Take(name) is not { } text)
        {
            return otherwise;
        }

        var at = values.Select(v => v.Text).ToList().IndexOf(text);
        return at >= 0 ? values[at].Value
            : throw Wrong($"{name} {text} is none of {string.Join(", ", values.Select(v => v.Text))}");
    }

    public bool TakeSwitch(string name) => _remaining.Remove(name);

    /// <summary>Refuses unknown options.</summary>
    public void RequireEnd()
    {
        if (_remaining.Count > 0)
        {
            throw Wrong($"not understood: {string.Join(' ', _remaining)}");
        }
    }

    /// <summary>A command line that cannot be right.</summary>
    public static InvalidRequestException Wrong(string message) =>
        new(ErrorIds.InvalidRequest, message, "see the commands: vgpu-lab help");
}
