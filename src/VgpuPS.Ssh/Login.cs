using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Ssh;

/// <summary>One login: a secret is sent to a host once, by whichever method it offers first.</summary>
/// <remarks>A second try by another method would be another failed login of the same wrong password.</remarks>
internal sealed class Login : IDisposable
{
    private readonly SshDestination _destination;
    private readonly SecureString _password;
    private readonly byte[] _bytes;
    private readonly List<AuthenticationMethod> _inner = [];
    private string? _answered;

    /// <param name="destination">The host, with the user.</param>
    /// <param name="password">The password; the key's passphrase is not needed any more.</param>
    /// <param name="key">The key to use instead, or null.</param>
    public Login(SshDestination destination, SecureString password, KeyFile? key)
    {
        (_destination, _password) = (destination, password);
        var user = destination.User ?? throw new ArgumentException("has no user", nameof(destination));
        if (key is not null)
        {
            _bytes = [];
            Methods = [new PrivateKeyAuthenticationMethod(user, key)];
            return;
        }

        _bytes = Secrets.ToBytes(password);
        var plain = new PasswordAuthenticationMethod(user, _bytes);
        plain.PasswordExpired += (_, _) => throw AsksForMore("a new password");
        var interactive = new KeyboardInteractiveAuthenticationMethod(user);
        interactive.AuthenticationPrompt += Answer;
        _inner.AddRange([plain, interactive]);
        Methods = [new OnlyTry(plain, this), new OnlyTry(interactive, this)];
    }

    /// <summary>What the library may try, in this order.</summary>
    public AuthenticationMethod[] Methods { get; }

    /// <summary>Whether a key is used instead of a password.</summary>
    public bool IsByKey => _inner.Count == 0;

    /// <summary>The method that was tried; null where the host offers none that could be.</summary>
    public string? Tried { get; private set; }

    /// <summary>Clears what can be cleared.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        foreach (var method in Methods.Concat(_inner))
        {
            method.Dispose();
        }
    }

    private void Answer(object? sender, AuthenticationPromptEventArgs asked)
    {
        // Some hosts send a last question without anything in it.
        foreach (var prompt in asked.Prompts)
        {
            if (_answered is not null || asked.Prompts.Count > 1 || prompt.IsEchoed)
            {
                throw AsksForMore($"'{SshNetErrors.Clean(prompt.Request)}'");
            }

            _answered = prompt.Request;
            prompt.Response = Secrets.ToText(_password);
        }
    }

    private AccessDeniedException AsksForMore(string what) => new(
        ErrorIds.AuthenticationFailed,
        $"host {_destination.Name} asks {_destination.User} for more than a password: {what}",
        "log in with a key: -KeyFilePath ~/.ssh/id_ed25519; or answer it at a terminal: "
            + $"{SshErrors.TypedSsh(_destination)}",
        _destination.Name);

    private sealed class OnlyTry(AuthenticationMethod inner, Login login) : AuthenticationMethod(inner.Username)
    {
        public override string Name => inner.Name;

        public override AuthenticationResult Authenticate(Session session)
        {
            if (login.Tried is not null)
            {
                return AuthenticationResult.Failure;
            }

            login.Tried = Name;
            var result = inner.Authenticate(session);
            AllowedAuthentications = inner.AllowedAuthentications;
            return result;
        }
    }
}

/// <summary>Takes secrets out of their protected form, for as short as the library allows.</summary>
internal static class Secrets
{
    /// <summary>The secret as bytes, which the caller clears.</summary>
    public static byte[] ToBytes(SecureString secret)
    {
        var chars = new char[secret.Length];
        var at = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            Marshal.Copy(at, chars, 0, chars.Length);
            return Encoding.UTF8.GetBytes(chars);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(at);
            Array.Clear(chars);
        }
    }

    /// <summary>The secret as text, which nothing can clear: only where the library takes no bytes.</summary>
    public static string ToText(SecureString secret)
    {
        var at = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(at, secret.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(at);
        }
    }
}
