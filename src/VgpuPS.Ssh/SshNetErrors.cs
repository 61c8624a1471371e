using System.Net.Sockets;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Text;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Ssh;

/// <summary>
/// Determines from the library's exceptions why there is no connection, in the words that OpenSSH's failures get.
/// </summary>
internal static class SshNetErrors
{
    private const int MaxTextLength = 200;

    /// <summary>The failure of a connection that did not come about.</summary>
    /// <param name="destination">The host.</param>
    /// <param name="error">What the library threw.</param>
    /// <param name="hasKey">Whether the host had shown its key: then it was not too busy.</param>
    /// <param name="login">The login.</param>
    public static VgpuException Explain(SshDestination destination, Exception error, bool hasKey, Login login) =>
        error switch
        {
            VgpuException known => known,
            SshAuthenticationException => Denied(destination, error, login),
            SshOperationTimeoutException or SocketException { SocketErrorCode: SocketError.TimedOut } =>
                SshErrors.Explain(destination, null, ""),
            _ when !hasKey && IsRefusedForNow(error) => new HostConnectionException(
                ErrorIds.HostUnreachable, $"host {destination.Name} cannot be reached: {Clean(error.Message)}",
                "connect fewer hosts at once (-ThrottleLimit), or raise MaxStartups in the host's sshd_config",
                destination.Name, error)
            {
                IsTransient = true,
            },
            _ => new HostConnectionException(
                ErrorIds.HostUnreachable, $"host {destination.Name} cannot be reached: {Clean(error.Message)}",
                $"see whether it can be reached: {SshErrors.TypedSsh(destination)} true", destination.Name, error),
        };

    /// <summary>A text of a host or a library, for a terminal.</summary>
    public static string Clean(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return VisibleText.Of(line[..Math.Min(line.Length, MaxTextLength)]);
    }

    /// <summary>Whether the host closed the connection before it said who it is, as one does that too many connect
    /// to.</summary>
    /// <remarks>Source: sshd_config(5), MaxStartups.</remarks>
    private static bool IsRefusedForNow(Exception error) => error switch
    {
        SshConnectionException { DisconnectReason: DisconnectReason.KeyExchangeFailed } => false,
        SshConnectionException => true,
        SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted } => true,
        _ => false,
    };

    private static AccessDeniedException Denied(SshDestination destination, Exception error, Login login)
    {
        var (what, action) = (login.IsByKey, login.Tried) switch
        {
            (true, _) => (
                $"rejects {destination.User} with this key: {Clean(error.Message)}",
                $"install the key there: ssh-copy-id {destination.User}@{destination.Host}"),
            (_, null) => (
                $"accepts no password: {Clean(error.Message)}",
                "log in with a key (-KeyFilePath), or allow passwords in the host's sshd_config: "
                    + "PasswordAuthentication yes, PermitRootLogin yes"),
            (_, { } tried) => (
                $"rejects {destination.User} with this password ({tried}, tried once)",
                "check that user and password are right, and that the host's sshd_config accepts one for this user: "
                    + "PermitRootLogin yes"),
        };
        return new AccessDeniedException(
            ErrorIds.AuthenticationFailed, $"host {destination.Name} {what}", action, destination.Name, error);
    }
}
