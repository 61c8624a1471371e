using System.Runtime.CompilerServices;
using System.Security;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Ssh;
using VgpuPS.Ssh;

namespace VgpuPS.Sessions;

/// <summary>Logins with a credential. The only place of the module that names VgpuPS.Ssh, which is loaded by the
/// first.</summary>
internal static class Credentials
{
    /// <summary>The host with the credential's user.</summary>
    /// <param name="destination">The host as it was named.</param>
    /// <param name="credential">The credential; null where OpenSSH connects.</param>
    /// <exception cref="InvalidRequestException">The credential has no user, or the host was named with
    /// another.</exception>
    public static SshDestination NameUser(SshDestination destination, PSCredential? credential)
    {
        if (credential is null)
        {
            return destination;
        }

        var user = UserOf(credential, "-Credential");
        if (destination.User is { } named && named != user)
        {
            throw new InvalidRequestException(
                ErrorIds.CredentialUnusable,
                $"host {destination} is named with the user {named}, and the credential is for {user}",
                $"name the user once: -HostName {destination.Name} -Credential {named}", destination.Name);
        }

        return SshDestination.Parse((destination with { User = null }).ToString(), user);
    }

    /// <summary>A login to a guest; null for none.</summary>
    /// <exception cref="InvalidRequestException">The credential has no user.</exception>
    public static GuestLogin? ToGuestLogin(PSCredential? credential) => credential is null ? null : new GuestLogin(
        UserOf(credential, "-GuestCredential"), credential.GetNetworkCredential().Password);

    /// <summary>What connects with a credential.</summary>
    /// <param name="credential">User and password, or the passphrase of the key.</param>
    /// <param name="options">What was named for the OpenSSH client.</param>
    /// <param name="fingerprints">Fingerprints of host keys to trust.</param>
    /// <exception cref="VgpuException">An option cannot be honoured, or the key cannot be used.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ISshClient MakeClient(
        PSCredential credential, SshCommandLine options, IReadOnlyList<string> fingerprints) =>
        new SshNetClient(new SshNetOptions
        {
            ConnectingTimeout = options.ConnectingTimeout,
            Password = credential.Password ?? new SecureString(),
            KeyFilePath = options.KeyFilePath,
            HostKeyFingerprints = [.. fingerprints.Select(SshNetOptions.ReadFingerprint)],
        }.With(options.Options));

    // Windows writes a user without a domain with a backslash in front.
    private static string UserOf(PSCredential credential, string parameter) =>
        credential.UserName?.TrimStart('\\') is { Length: > 0 } user
        ? user
        : throw new InvalidRequestException(
            ErrorIds.CredentialUnusable, "the credential names no user", $"name one: {parameter} (Get-Credential root)",
            parameter);
}
