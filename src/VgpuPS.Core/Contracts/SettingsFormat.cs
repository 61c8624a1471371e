using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>Turns the configuration file's bytes into checked settings.</summary>
public static partial class SettingsFormat
{
    private const int LongestTimeout = 3600;
    private const int LongestLockTimeout = 86400;

    private static readonly (string, SriovPolicy)[] s_sriov =
        [("ensure", SriovPolicy.Ensure), ("never", SriovPolicy.Never)];

    private static readonly (string, MigModePolicy)[] s_migMode =
        [("never", MigModePolicy.Never), ("whenIdle", MigModePolicy.WhenIdle)];

    private static readonly (string, ComputeInstancePolicy)[] s_computeInstance =
        [("full", ComputeInstancePolicy.Full), ("guest", ComputeInstancePolicy.Guest)];

    private static readonly (string, ReclaimPolicy)[] s_reclaim =
        [("onStop", ReclaimPolicy.OnStop), ("never", ReclaimPolicy.Never)];

    private static readonly (string, UnreadableEntryPolicy)[] s_unreadableEntry =
        [("refuse", UnreadableEntryPolicy.Refuse), ("warn", UnreadableEntryPolicy.Warn)];

    private static readonly (string, ChainOrder)[] s_order =
        [("before", ChainOrder.Before), ("after", ChainOrder.After)];

    /// <summary>Reads and checks the file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">
    /// Not JSON, an unknown member, a value out of range or a newer version; the message names line and column.
    /// </exception>
    public static HookSettings Read(ReadOnlySpan<byte> content, string path)
    {
        var reader = new JsonFileReader(
            path, "The configuration", $"Correct it with `nano {path}`, then check it with `vgpu-hook show`.",
            SettingsDocument.NewestVersion);
        var json = JsonFileReader.WithoutMark(content);
        var document = reader.Read(json, HostFileJsonContext.Default.SettingsDocument);
        var check = new SettingsCheck(reader, json);
        var defaults = new HookSettings();
        return new HookSettings
        {
            Sriov = check.Choice(document.Sriov, defaults.Sriov, s_sriov, "sriov"),
            MigMode = check.Choice(document.MigMode, defaults.MigMode, s_migMode, "migMode"),
            ComputeInstance = check.Choice(
                document.ComputeInstance, defaults.ComputeInstance, s_computeInstance, "computeInstance"),
            Reclaim = check.Choice(document.Reclaim, defaults.Reclaim, s_reclaim, "reclaim"),
            UnreadableEntry = check.Choice(
                document.UnreadableEntry, defaults.UnreadableEntry, s_unreadableEntry, "unreadableEntry"),
            Demand = ReadDemand(document.Demand, check),
            TimeoutSeconds = check.Number(
                document.TimeoutSeconds, defaults.TimeoutSeconds, LongestTimeout, "timeoutSeconds"),
            LockTimeoutSeconds = check.Number(
                document.LockTimeoutSeconds, defaults.LockTimeoutSeconds, LongestLockTimeout, "lockTimeoutSeconds"),
            KeepTypes = document.KeepTypes is null ? defaults.KeepTypes : ReadKeepTypes(document.KeepTypes, check),
            Chain = document.Chain is null ? defaults.Chain : ReadChain(document.Chain, check),
        };
    }
}
