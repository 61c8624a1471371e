namespace VgpuPS.Text;

/// <summary>The one place where a failure becomes an error record.</summary>
internal static class ErrorRecords
{
    /// <summary>Maps a failure with its id, category, target and recommended action.</summary>
    public static ErrorRecord From(VgpuException failure) => new(
        failure, failure.ErrorId, Enum.Parse<ErrorCategory>(ErrorKind.Of(failure).Category), failure.Target)
    {
        ErrorDetails = new ErrorDetails(Sentence(failure.Message))
        {
            RecommendedAction = Advice.ForPowerShell(failure.RecommendedAction),
        },
    };

    /// <summary>Messages begin in lower case, to follow a program's name; here they stand alone.</summary>
    private static string Sentence(string text) =>
        text.Length > 0 && char.IsAsciiLetterLower(text[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;
}
