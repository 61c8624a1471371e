using System.Text;
using VgpuPS.Core.Guests;

namespace VgpuPS.Text;

/// <summary>Token files of the machine that PowerShell runs on.</summary>
internal static class TokenFiles
{
    // A name of NVIDIA's has 50 characters, and ends with .tok.
    private const int LongName = 40;

    // What {" comes to in base64.
    private const string TokenStart = "eyJ";

    /// <summary>Refuses a token that was typed where its file's path belongs, without repeating it.</summary>
    /// <param name="path">What was typed.</param>
    /// <exception cref="InvalidRequestException">It is a token, or a piece of one.</exception>
    public static void RequirePath(string path)
    {
        var name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        if (name.StartsWith(TokenStart, StringComparison.Ordinal))
        {
            // Pasted from a window that broke its line.
            name = string.Concat(name.Where(c => !char.IsWhiteSpace(c)));
        }

        if (name.Length >= LongName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '=')
            && !name.EndsWith(".tok", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidToken, "-TokenPath takes the path of a token's file, "
                    + "and a token itself was specified (it is not repeated here)",
                "keep the token in its file and name the file: -TokenPath ./client_configuration_token_….tok; "
                    + "clear it from the history of this shell");
        }
    }

    /// <summary>Reads one; whether it is a token is looked at on the host.</summary>
    /// <param name="full">Its full path.</param>
    /// <exception cref="VgpuException">It cannot be read, or is not a text of a token's size; never says what it
    /// holds.</exception>
    public static string Read(string full)
    {
        if (Directory.Exists(full))
        {
            throw NotAToken(full, "it is a folder");
        }

        try
        {
            var size = new FileInfo(full).Length;
            if (size > ClientToken.MaxLength)
            {
                throw NotAToken(full, $"it has {size} bytes, and a token has a few thousand");
            }

            var bytes = File.ReadAllBytes(full);
            return bytes.Any(b => b >= 0x80 || (b < 0x20 && b is not ((byte)'\r' or (byte)'\n' or (byte)'\t')))
                ? throw NotAToken(full, "it has bytes that a token cannot have")
                : Encoding.ASCII.GetString(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.InvalidToken, $"the token {full} cannot be read: {e.Message}",
                "download one from the licence server and name it: -TokenPath client_configuration_token_….tok",
                full, e);
        }
    }

    private static InvalidRequestException NotAToken(string full, string why) => new(
        ErrorIds.InvalidToken, $"{full} is not a client configuration token: {why}",
        "download one from the licence server (client_configuration_token_….tok) and name that file with -TokenPath",
        full);
}
