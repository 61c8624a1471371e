using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Proxmox;
using VgpuPS.SystemTests.Guest;

namespace VgpuPS.SshTests;

/// <summary>A guest that takes passwords, reached with Debian's OpenSSH client; this program answers its
/// question.</summary>
internal static class GuestScenarios
{
    public static IReadOnlyList<(string Name, Func<SshBed, Task> Run)> All { get; } = [
        ("a guest with a password", PasswordAsync)];

    private static async Task PasswordAsync(SshBed bed)
    {
        foreach (var account in (Account[])[Account.ByPassword(), Account.ByQuestion(), Account.ByBoth()])
        {
            await using var guest = await Sshd.StartAsync(bed, "none", account: account);
            var channel = Open(guest, account.Password);
            var system = await channel.GetSystemAsync(CancellationToken.None);
            bed.Check(!system.IsWindows && system.Name.StartsWith("Linux", StringComparison.Ordinal),
                $"the guest answers: {system.Name}");
            var command = new GuestCommand(
                "sh", ["-c", "env; cat; exit 7"], TimeSpan.FromSeconds(20))
            { Input = "a secret\n" };
            var result = await channel.RunAsync(command, CancellationToken.None);
            bed.Check(
                result.ExitCode == 7 && result.Output.EndsWith("a secret\n", StringComparison.Ordinal)
                && !result.Output.Contains(account.Password, StringComparison.Ordinal),
                "a program gets its input, and not the password in its environment");
            try
            {
                await Open(guest, "wrong").GetSystemAsync(CancellationToken.None);
                bed.Check(false, "a wrong password is refused");
            }
            catch (AccessDeniedException e)
            {
                var tries = await LoginScenarios.CountAsync(guest, "^Failed |PAM: Authentication failure");
                bed.Check(e.ErrorId == ErrorIds.AuthenticationFailed && tries == 1,
                    $"a wrong password is {tries} failed login: {e.Message}");
            }
        }

        await using var stranger = await Sshd.StartAsync(bed, "none", account: Account.ByPassword());
        stranger.Forget();
        try
        {
            await Open(stranger, stranger.Account!.Password).GetSystemAsync(CancellationToken.None);
            bed.Check(false, "a guest whose key is not known is refused");
        }
        catch (HostNotReadyException e)
        {
            bed.Check(e.ErrorId == ErrorIds.GuestUnreachable,
                $"a guest whose key is not known is refused: {e.Message}; {e.RecommendedAction}");
        }
    }

    /// <summary>The client finds the guest by its configuration, as it does where a person keeps one on the
    /// host.</summary>
    private static IGuestChannel Open(Sshd guest, string password)
    {
        var config = Path.Combine(guest.Folder, "ssh_config");
        File.WriteAllText(config, $"""
            Host guest
                HostName 127.0.0.1
                Port {guest.Port}
                UserKnownHostsFile {guest.Folder}/known_hosts
                GlobalKnownHostsFile none

            """);
        var programs = new OtherPrograms(
            new LinuxProcessRunner(TimeProvider.System),
            new Dictionary<string, IReadOnlyList<string>> { ["/usr/bin/ssh"] = ["/usr/bin/ssh", "-F", config] });
        var endpoint = new GuestEndpoint(
            new VmId(101), "VM 101 (guest)", GuestVia.Ssh, "guest", new GuestLogin(guest.Account!.User, password));
        return new GuestChannels(programs, TimeProvider.System, Environment.ProcessPath).Open(endpoint);
    }
}
