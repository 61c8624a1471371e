using System.Diagnostics;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.SystemTests.Guest;

/// <summary>What is looked at in a guest, whichever way leads into it.</summary>
internal sealed class ChannelChecks(IGuestChannel channel, string name)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public async Task RunAsync(bool isAgent)
    {
        await CheckAsync("the system is Linux",
            async () => !(await channel.GetSystemAsync(default).ConfigureAwait(false)).IsWindows);
        await CheckAsync("an exit code is a result", async () => (await Sh("exit 7")).ExitCode == 7);
        await CheckAsync("output and errors are told apart", async () =>
            await Sh("echo out; echo err >&2") is { Output: "out\n", Error: "err\n", Succeeded: true });
        await CheckAsync("arguments arrive as they are", async () =>
            (await Sh("printf '%s|' \"$@\"", "", "a b", "it's", "$(id)", "*", "")).Output == "a b|it's|$(id)|*||");
        await CheckAsync("standard input arrives whole",
            async () => (await Sh("wc -c", new string('x', 500_000))).Output.Trim() == "500000");
        await CheckAsync("without input there is none", async () => (await Sh("cat | wc -c")).Output.Trim() == "0");
        await CheckAsync("a program that is not there is named", () => FailsAsync(
            ErrorIds.GuestProgramNotFound,
            () => channel.RunAsync(new GuestCommand("nosuch-program", [], s_limit), default)));
        await CheckAsync("a program that does not end is given up", () => FailsAsync(
            ErrorIds.Timeout,
            () => channel.RunAsync(new GuestCommand("sleep", ["600"], TimeSpan.FromSeconds(4)), default)));
        await FilesAsync();
        await PartsAsync();
        if (isAgent)
        {
            await CheckAsync("what takes longer than qm waits is asked for again", async () =>
                (await channel.RunAsync(new GuestCommand("sh", ["-c", "sleep 33; echo late"], TimeSpan.FromMinutes(2)),
                    default)).Output == "late\n");
            await CheckAsync("a signal is told", async () => (await Sh("kill -9 $$")) is { Signal: 9, ExitCode: null });
            await CheckAsync("an output of 20 MiB is no half answer", () => FailsAsync(
                ErrorIds.UnreadableData, () => Sh("dd if=/dev/zero bs=1M count=20 2>/dev/null | tr '\\0' a")));
        }
    }

    private async Task FilesAsync()
    {
        await CheckAsync("a file is written with its mode", async () =>
            await Run(LinuxGuestScripts.Write, "token", "/etc/n/t.tok", "/etc/n/.t.new", "744",
                "/etc/n") is { Succeeded: true }
            && (await Sh("stat -c %a /etc/n/t.tok; ls -A /etc/n")).Output == "744\nt.tok\n");
        await CheckAsync(
            "a file reads back", async () => (await Run(LinuxGuestScripts.Read, "", "/etc/n/t.tok")).Output == "token");
        await CheckAsync("a file that is not there is told apart", async () =>
            (await Run(LinuxGuestScripts.Read, "", "/etc/n/none")).ExitCode == GuestScript.NotThere);
        await CheckAsync("the same content is the same", async () =>
            (await Run(LinuxGuestScripts.Same, "token", "/etc/n/t.tok")).ExitCode == 0
            && (await Run(LinuxGuestScripts.Same, "other", "/etc/n/t.tok")).ExitCode == 1);
        await CheckAsync("tokens are listed",
            async () => (await Run(LinuxGuestScripts.Tokens, "", "/etc/n")).Output == "/etc/n/t.tok\n");
        await CheckAsync("no tokens are no lines",
            async () => await Run(LinuxGuestScripts.Tokens, "", "/nowhere") is { Succeeded: true, Output: "" });
        await CheckAsync("a file is copied, moved and removed", async () =>
            await Run(LinuxGuestScripts.Backup, "", "/etc/n/t.tok", "/etc/n/b") is { Succeeded: true }
            && await Run(LinuxGuestScripts.Move, "", "/etc/n/b", "/etc/n/c") is { Succeeded: true }
            && await Run(LinuxGuestScripts.Remove, "", "/etc/n/c") is { Succeeded: true }
            && (await Sh("ls -A /etc/n")).Output == "t.tok\n");
        await CheckAsync("a full disk leaves the old file, and nothing else", async () =>
            await Run(
                LinuxGuestScripts.Write, "old", "/small/t", "/small/.t.new", "600", "/small") is { Succeeded: true }
            && await Run(LinuxGuestScripts.Write, new string('x', 400_000), "/small/t", "/small/.t.new", "600",
                "/small") is { Succeeded: false } full
            && full.Error.Contains("No space left on device", StringComparison.Ordinal)
            && (await Sh("cat /small/t; ls -A /small")).Output == "oldt\n");
        await CheckAsync("a lock is taken once", async () =>
            (await Run(LinuxGuestScripts.Lock, "", "/run/l")).ExitCode == 0
            && (await Run(LinuxGuestScripts.Lock, "", "/run/l")).ExitCode == GuestScript.Taken);
        await CheckAsync("an old lock is taken over", async () =>
            (await Sh("touch -d @1000 /run/l")).Succeeded
                && (await Run(LinuxGuestScripts.Lock, "", "/run/l")).ExitCode == 0
            && (await Run(LinuxGuestScripts.Lock, "", "/run/l")).ExitCode == GuestScript.Taken
            && await Run(LinuxGuestScripts.Remove, "", "/run/l") is { Succeeded: true });
    }

    private async Task PartsAsync()
    {
        var bytes = new byte[3_000_000];
        new Random(5).NextBytes(bytes);
        await CheckAsync("a file of 3 MB is joined from parts with its checksum", async () =>
        {
            const int Size = 780_000;
            for (var at = 0; at < bytes.Length; at += Size)
            {
                var part = await Run(
                    LinuxGuestScripts.Part, Convert.ToBase64String(bytes.AsSpan(at, Math.Min(Size, bytes.Length - at))),
                    $"/var/tmp/f.parts/part-{at / Size:00000}");
                if (!part.Succeeded)
                {
                    throw new InvalidOperationException(part.Error);
                }
            }

            var joined = await Run(LinuxGuestScripts.Join, "", "/var/tmp/f.parts", "/var/tmp/f");
            return joined.Output.StartsWith(Sha256.Of(bytes), StringComparison.Ordinal)
                && (await Sh("ls -A /var/tmp")).Output == "f\n";
        });
    }

    private Task<GuestResult> Sh(string script, string input = "", params string[] words) => channel.RunAsync(
        new GuestCommand("/bin/sh", ["-c", script, "sh", .. words], s_limit) { Input = input }, default);

    private Task<GuestResult> Run(GuestScript script, string input, params string[] words) => channel.RunAsync(
        new GuestCommand("/bin/sh", ["-c", script.Body, script.Name, .. words], s_limit) { Input = input }, default);

    private static async Task<bool> FailsAsync(string errorId, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            return false;
        }
        catch (VgpuException e) when (e.ErrorId == errorId)
        {
            return true;
        }
    }

    private async Task CheckAsync(string what, Func<Task<bool>> check)
    {
        var started = Stopwatch.GetTimestamp();
        string? why = null;
        var isGood = false;
        try
        {
            isGood = await check().ConfigureAwait(false);
        }
        catch (Exception e) when (e is VgpuException or InvalidOperationException)
        {
            why = e.Message;
        }

        (Passed, Failed) = isGood ? (Passed + 1, Failed) : (Passed, Failed + 1);
        Console.WriteLine(
            $"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s {(isGood ? "ok  " : "FAIL")} {name}: "
                + $"{what}{(why is null ? "" : $": {why}")}");
    }
}
