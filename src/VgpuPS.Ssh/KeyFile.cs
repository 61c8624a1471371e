using System.Security;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;
using VgpuPS.Core.Errors;

namespace VgpuPS.Ssh;

/// <summary>A private key, decrypted once for all hosts of a command.</summary>
internal sealed class KeyFile : IPrivateKeySource, IDisposable
{
    private const int LargestFile = 1 << 20;

    private readonly PrivateKeyFile _key;

    private KeyFile(PrivateKeyFile key)
    {
        _key = key;
        var gate = new Lock();
        HostKeyAlgorithms =
            [.. key.HostKeyAlgorithms.Where(a => a.Name != "ssh-rsa").Select(a => new SharedAlgorithm(a, gate))];
    }

    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="path">Its file, absolute path.</param>
    /// <param name="passphrase">Its passphrase; empty for a key without one.</param>
    /// <exception cref="VgpuException">It cannot be read, or is open to others.</exception>
    public static KeyFile Load(string path, SecureString passphrase)
    {
        var bytes = Read(path);
        try
        {
            RequirePrivate(path, bytes);
            using var stream = new MemoryStream(bytes);
            return new KeyFile(new PrivateKeyFile(
                stream, passphrase.Length == 0 ? null : Secrets.ToText(passphrase)));
        }
        catch (SshPassPhraseNullOrEmptyException e)
        {
            throw Refused(path, "has a passphrase, and the credential's password is empty", e);
        }
        catch (Exception e) when (e is CryptographicException or CryptoException
            || (e is SshException && e.Message.Contains("check bytes", StringComparison.Ordinal)))
        {
            throw Refused(path, "does not open with the credential's password as passphrase", e);
        }
        catch (Exception e) when (e is not VgpuException)
        {
            // The library throws whatever its parsers do.
            throw Wrong(path, $"cannot be read as a private key: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw Wrong(path, "is a folder");
        }

        try
        {
            // Source: ssh(1): a key that others may read is not used. Windows has no such mode.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead
                | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) is not UnixFileMode.None and var open)
            {
                throw new AccessDeniedException(
                    ErrorIds.AuthenticationFailed, $"the private key {path} is accessible to other users ({open}) and "
                        + "not used",
                    $"restrict it: chmod 600 '{path}'", path);
            }

            using var file = File.OpenRead(path);
            return file.Length is > 0 and <= LargestFile
                ? ReadAll(file) : throw Wrong(path, $"has {file.Length} bytes and is not a private key");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Wrong(path, "is not there", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, $"cannot be read: {e.Message}", e);
        }
    }

    private static byte[] ReadAll(FileStream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static void RequirePrivate(string path, byte[] bytes)
    {
        var head = Encoding.ASCII.GetString(bytes, 0, Math.Min(bytes.Length, 100));
        if (head.StartsWith("ssh-", StringComparison.Ordinal) || head.StartsWith("ecdsa-", StringComparison.Ordinal)
            || head.StartsWith("sk-", StringComparison.Ordinal)
            || head.Contains("PUBLIC KEY", StringComparison.Ordinal))
        {
            throw Wrong(path, "is a public key");
        }
    }

    private static InvalidRequestException Wrong(string path, string what, Exception? inner = null) => new(
        ErrorIds.KeyFileUnusable, $"the private key {path} {what}",
        $"name the private key's file, as ssh-keygen made it: -KeyFilePath ~/.ssh/id_ed25519", path, inner);

    private static AccessDeniedException Refused(string path, string what, Exception inner) => new(
        ErrorIds.AuthenticationFailed, $"the private key {path} {what}",
        $"check that the passphrase is right: ssh-keygen -y -f '{path}'", path, inner);

    /// <summary>Signs for one session at a time: the platform's keys guarantee nothing about several.</summary>
    private sealed class SharedAlgorithm(HostAlgorithm inner, Lock gate) : HostAlgorithm(inner.Name)
    {
        public override byte[] Data => inner.Data;

        public override byte[] Sign(byte[] data)
        {
            lock (gate)
            {
                return inner.Sign(data);
            }
        }

        public override bool VerifySignature(byte[] data, byte[] signature) => inner.VerifySignature(data, signature);
    }
}
