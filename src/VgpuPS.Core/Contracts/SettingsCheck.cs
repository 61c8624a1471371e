using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>Checks single values of the configuration and says where the wrong ones stand.</summary>
internal readonly ref struct SettingsCheck(JsonFileReader reader, ReadOnlySpan<byte> json)
{
    private readonly ReadOnlySpan<byte> _json = json;

    /// <summary>The choice that a text names; the default for null.</summary>
    public T Choice<T>(string? text, T otherwise, (string Text, T Value)[] choices, params ReadOnlySpan<string> path)
    {
        if (text is null)
        {
            return otherwise;
        }

        foreach (var choice in choices)
        {
            if (choice.Text == text)
            {
                return choice.Value;
            }
        }

        throw Wrong($"{path[^1]} is '{text}', and must be one of {string.Join(", ", choices.Select(c => c.Text))}", path);
    }

    /// <summary>A number from 1; the default for null.</summary>
    public int Number(int? value, int otherwise, int largest, string member) => value switch
    {
        null => otherwise,
        { } number when number >= 1 && number <= largest => number,
        _ => throw Wrong($"{member} is {value}, and must be from 1 to {largest}", member),
    };

    /// <summary>The exception for the value at a path.</summary>
    public UnreadableDataException Wrong(string reason, params ReadOnlySpan<string> path) =>
        reader.Unreadable(JsonPosition.Find(_json, path), reason);
}
