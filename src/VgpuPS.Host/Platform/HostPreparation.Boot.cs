using System.Text;
using VgpuPS.Core.Platform;
using VgpuPS.Host.Linux;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Platform;

public sealed partial class HostPreparation
{
    private const string MakeConfig = "/usr/sbin/grub-mkconfig";
    private const string Trial = StatePaths.RunFolder + "/grub.cfg";

    /// <inheritdoc/>
    public Task<GrubEvaluation> TryGrubAsync(string? dropIn, CancellationToken cancellationToken) =>
        new GrubShell(files, processes).ReadWithAsync(dropIn, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LoaderEntries>> ReadLoaderAsync(BootFacts boot, CancellationToken cancellationToken) =>
        new LoaderPlaces(files, processes).ReadAsync(boot, cancellationToken);

    /// <inheritdoc/>
    public async Task SetGrubAsync(
        BootFacts boot, string? dropIn, LoaderExpectation expected, CancellationToken cancellationToken)
    {
        var before = _files.Find(GrubDropIn.Path);
        try
        {
            if (dropIn is null)
            {
                _files.Remove(GrubDropIn.Path);
            }
            else
            {
                _files.Write(GrubDropIn.Path, Encoding.UTF8.GetBytes(dropIn), StatePaths.SharedMode);
            }

            await GenerateTrialAsync(expected, cancellationToken).ConfigureAwait(false);
            await RefreshAsync(boot, cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException)
        {
            Restore(GrubDropIn.Path, before);
            throw;
        }

        await ReadBackAsync(boot, expected, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task RefreshLoaderAsync(
        BootFacts boot, LoaderExpectation expected, CancellationToken cancellationToken)
    {
        await RefreshAsync(boot, cancellationToken).ConfigureAwait(false);
        await ReadBackAsync(boot, expected, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PinKernelAsync(BootFacts boot, string kernel, CancellationToken cancellationToken)
    {
        if (boot.NextBootKernel is not null)
        {
            await processes.RequireAsync(
                BootTool, ["kernel", "unpin", "--next-boot"], s_short, cancellationToken).ConfigureAwait(false);
        }

        await processes.RequireAsync(
            BootTool, ["kernel", "pin", kernel], s_short, cancellationToken).ConfigureAwait(false);
        await RefreshAsync(boot, cancellationToken).ConfigureAwait(false);
        if (_files.Find(BootFacts.PinPath) is not { } pinned || Encoding.UTF8.GetString(pinned).Trim() != kernel)
        {
            throw HostFileErrors.NotKept(BootFacts.PinPath, "the pin");
        }

        await ReadBackAsync(boot, new LoaderExpectation(kernel, [], []), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The whole generation into a file of ours, since no exit code of the generator proves
    /// anything.</summary>
    /// <remarks>Source: recipes on Debian 12: <c>exit 0</c> in a sourced file gives code 0 and no file.</remarks>
    private async Task GenerateTrialAsync(LoaderExpectation expected, CancellationToken cancellationToken)
    {
        // An older one would pass for that of this run.
        _files.Remove(Trial);
        _files.Write(Trial, [], StatePaths.SharedMode);
        _files.Remove(Trial);
        try
        {
            string[] arguments = ["-o", Trial];
            HostPrograms.Require(MakeConfig, arguments, await processes.TryAsync(
                MakeConfig, arguments, s_long, cancellationToken, s_trial).ConfigureAwait(false), s_long);
            RequireNoDifference(
                MakeConfig, [new LoaderPlaces(files, processes).ReadGrub(Trial)], expected with { Kernel = null });
        }
        finally
        {
            _files.Remove(Trial);
            _files.Remove(Trial + ".new");
        }
    }

    private Task RefreshAsync(BootFacts boot, CancellationToken cancellationToken) =>
        boot.IsManaged || boot.Loader == BootLoader.SystemdBoot
            ? processes.RequireAsync(BootTool, ["refresh"], s_long, cancellationToken)
            : processes.RequireAsync("/usr/sbin/update-grub", [], s_long, cancellationToken);

    private async Task ReadBackAsync(BootFacts boot, LoaderExpectation expected, CancellationToken cancellationToken) =>
        RequireNoDifference(
            boot.RefreshCommand, await ReadLoaderAsync(boot, cancellationToken).ConfigureAwait(false), expected);

    private static void RequireNoDifference(
        string command, IReadOnlyList<LoaderEntries> places, LoaderExpectation expected)
    {
        var differences = places.Select(p => p.FindDifference(expected.Kernel, expected.Present, expected.Absent))
            .OfType<string>().ToList();
        if (differences.Count > 0)
        {
            throw new HostNotReadyException(
                ErrorIds.ReadBackMismatch, $"{command} reported success, and {string.Join("; ", differences)}",
                $"do not restart the host before this is corrected; see what it reports: {command}; "
                    + "proxmox-boot-tool status", places[0].Place);
        }
    }
}
