namespace VgpuPS.Core.Licensing;

/// <summary>Why a licence was not acquired, and what helps.</summary>
/// <param name="Row">Row of the table of failures, such as <c>F4</c>.</param>
/// <param name="Text">The cause, for people.</param>
/// <param name="Fix">What to do: a sentence with a command.</param>
public sealed record LicenseCause(string Row, string Text, string Fix);
