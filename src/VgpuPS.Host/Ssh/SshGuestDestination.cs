using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;

namespace VgpuPS.Host.Ssh;

/// <summary>Where SSH finds a guest.</summary>
internal static class SshGuestDestination
{
    private const int MaxLength = 255;

    /// <summary>The destination, which ssh takes for nothing else.</summary>
    /// <exception cref="InvalidRequestException">It cannot be one.</exception>
    public static string Check(GuestWay way)
    {
        var text = WithUser(way);
        return text.Length is > 0 and <= MaxLength && text[0] is not ('-' or '@') && text.All(IsPlain)
            && text.Count(c => c == '@') <= 1 && !text.Contains("@-", StringComparison.Ordinal)
            ? text
            : throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"'{text}' is no address that {way.Label} can be reached at over SSH",
                "Give user and host, as ssh takes them: -GuestAddress root@10.0.0.5", text);
    }

    private static string WithUser(GuestWay way)
    {
        var text = way.Destination?.Trim() ?? "";
        if (way.Login is not { } login)
        {
            return text;
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? $"{login.User}@{text}" : text[..at] == login.User ? text : throw new InvalidRequestException(
            ErrorIds.InvalidRequest, $"{way.Label} is named with the user {text[..at]}, and the credential is for {login.User}",
            $"Name the user once: -GuestAddress {text[(at + 1)..]}", text);
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or ':' or '%' or '[' or ']';
}
