using System.Collections;
using System.Globalization;
using VgpuPS.Core.Advice;
using VgpuPS.Core.Text;

namespace VgpuPS.Text;

/// <summary>Tenants as users write them: objects, hashtables, lines of a CSV file, or a JSON file.</summary>
internal static class TenantRows
{
    /// <summary>Names of members, as a file and a table have them.</summary>
    private static readonly string[] s_members =
    [
        "name", "count", "memory", "guarantee", "burst", "kernels", "unifiedMemory", "allSMs", "liveMigration",
        "encoder", "vmId",
    ];

    /// <summary>Other names that headings of a table may have, without blanks and dashes.</summary>
    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["allSMsVisible"] = "allSMs",
        ["allMultiprocessors"] = "allSMs",
        ["uvm"] = "unifiedMemory",
        ["migration"] = "liveMigration",
        ["vm"] = "vmId",
        ["vmIds"] = "vmId",
    };

    /// <summary>Reads an object or a hashtable.</summary>
    /// <param name="row">The object.</param>
    /// <param name="number">Its number among those that came, from 1.</param>
    /// <exception cref="InvalidRequestException">It has a member that is not known, or a value that cannot
    /// be.</exception>
    public static Tenant Read(PSObject row, int number)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"tenant {number}");
        IEnumerable<(string Name, object? Value)> members = row.BaseObject switch
        {
            IDictionary table => table.Cast<DictionaryEntry>().Select(e => (e.Key.ToString() ?? "", e.Value)),
            string text => throw Wrong(
                place, text, $"'{text}' is no tenant", "pipe objects, such as Import-Csv tenants.csv writes them"),
            _ => row.Properties.Where(p => p.IsGettable).Select(p => (p.Name, (object?)p.Value)),
        };
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in members)
        {
            CheckSeparator(place, name);
            var member = Find(name) ?? throw Wrong(
                place, name, $"'{name}' is not a known member{NearestName.Suggest(name, s_members)}",
                "name only these: " + string.Join(", ", s_members));
            if (Plain(value) is { } given && !values.TryAdd(member, given))
            {
                throw Wrong(place, name, $"'{member}' is specified twice", "keep one of them");
            }
        }

        var own = values.TryGetValue("name", out var label) ? $"{place} ({label})" : place;
        return TenantReader.Read(
            values, number,
            (member, reason) => Wrong(own, member, $"{member} {reason}", "correct it, and pipe all of them again"));
    }

    /// <summary>Reads a JSON file: an object with the member <c>tenants</c>, or the list alone.</summary>
    /// <param name="full">Its full path.</param>
    /// <exception cref="VgpuException">There is no such file, or it holds no tenants; says line and
    /// column.</exception>
    public static IReadOnlyList<Tenant> ReadFile(string full)
    {
        string text;
        try
        {
            text = File.ReadAllText(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.TenantsNotFound, $"the tenants in {full} cannot be read: {e.Message}",
                "name a file, or pipe tenants in: Import-Csv tenants.csv | Get-VgpuAdvice", full, e);
        }

        var isTable = text.AsSpan().TrimStart() is [not ('{' or '[' or '/'), ..];
        var document = new WrittenDocument(
            full, "tenants",
            isTable ? $"for a table: Import-Csv '{full.Replace("'", "''", StringComparison.Ordinal)}' | Get-VgpuAdvice"
                : "correct it there; what it may hold: Get-Help Get-VgpuAdvice -Full",
            TenantFile.CurrentVersion);
        var isList = WrittenDocument.IsList(text);
        var rows = isList ? document.Read(text, TenantJsonContext.Default.IReadOnlyListTenantText)
            : document.Read(text, TenantJsonContext.Default.TenantFile).Tenants;
        var tenants = rows.Select((row, i) => (Tenant: Read(row, i), Index: i)).ToList();
        return TenantReader.FindFault([.. tenants.Select(t => t.Tenant)]) is { } fault
            ? throw document.Unreadable(At(fault.Index), fault.Reason)
            : [.. tenants.Select(t => t.Tenant)];

        Tenant Read(TenantText? row, int index)
        {
            var values = Members(row ?? throw document.Unreadable(At(index), "null is no tenant; name an object"));
            return TenantReader.Read(values, index + 1, (member, reason) => document.Unreadable(
                values.ContainsKey(member) ? $"{At(index)}.{member}" : At(index), $"{member} {reason}"));
        }

        string At(int index) => string.Create(CultureInfo.InvariantCulture, $"{(isList ? "" : "tenants")}[{index}]");
    }

    /// <summary>Refuses tenants that do not go together: a name or a VM twice.</summary>
    /// <exception cref="InvalidRequestException">Some do not.</exception>
    public static void Check(IReadOnlyList<Tenant> tenants)
    {
        if (TenantReader.FindFault(tenants) is { } fault)
        {
            throw Wrong(
                string.Create(CultureInfo.InvariantCulture, $"tenant {fault.Index + 1}"), tenants[fault.Index].Name,
                fault.Reason, "correct it, and pipe all of them again");
        }
    }

    /// <summary>Refuses a table whose columns are separated by what Import-Csv did not look for.</summary>
    private static void CheckSeparator(string place, string name)
    {
        if (name.IndexOfAny([';', '\t', '|']) is var at and >= 0 && Find(name[..at]) is not null)
        {
            var separator = name[at] == '\t' ? "`t" : name[at].ToString();
            throw Wrong(
                place, name, $"'{VisibleText.Of(name)}' is one column, so the table is not separated by commas",
                $"name what separates it: Import-Csv tenants.csv -Delimiter \"{separator}\"");
        }
    }

    private static string? Find(string name)
    {
        var plain = string.Concat(name.Where(char.IsLetterOrDigit));
        return s_aliases.GetValueOrDefault(plain)
            ?? s_members.FirstOrDefault(m => string.Equals(m, plain, StringComparison.OrdinalIgnoreCase));
    }

    private static Dictionary<string, object> Members(TenantText row)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        (string Name, System.Text.Json.JsonElement? Value)[] members =
        [
            ("name", row.Name), ("count", row.Count), ("memory", row.Memory), ("guarantee", row.Guarantee),
            ("burst", row.Burst), ("kernels", row.Kernels), ("unifiedMemory", row.UnifiedMemory),
            ("allSMs", row.AllMultiprocessors), ("liveMigration", row.LiveMigration), ("encoder", row.Encoder),
            ("vmId", row.VmId),
        ];
        foreach (var (name, value) in members)
        {
            if (value is { } given && Plain(given) is { } plain)
            {
                values[name] = plain;
            }
        }

        return values;
    }

    /// <summary>A value without PowerShell's or JSON's wrapping; null for what counts as absent.</summary>
    private static object? Plain(object? value) => value switch
    {
        null => null,
        PSObject wrapped => Plain(wrapped.BaseObject),
        string text => string.IsNullOrWhiteSpace(text) ? null : text.Trim(),
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Array } list =>
            list.EnumerateArray().Select(e => Plain(e)).OfType<object>().ToList(),
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.True } => true,
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.False } => false,
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Null } => null,
        System.Text.Json.JsonElement element => Plain(element.ToString()),
        SwitchParameter isOn => (bool)isOn,
        IEnumerable list => list.Cast<object?>().Select(Plain).OfType<object>().ToList(),
        _ => value,
    };

    private static InvalidRequestException Wrong(string place, string target, string reason, string action) =>
        new(ErrorIds.InvalidTenant, $"{place}: {reason}", action, target);
}

/// <summary>Makes tenants of what was written; says of a value that cannot be what may.</summary>
internal static class TenantReader
{
    /// <summary>Makes one.</summary>
    /// <param name="values">Values by member: text, numbers, Booleans, lists of them.</param>
    /// <param name="number">Its number, for one without a name.</param>
    /// <param name="refuse">Makes the refusal of a member for a reason.</param>
    public static Tenant Read(
        IReadOnlyDictionary<string, object> values, int number, Func<string, string, VgpuException> refuse)
    {
        var vms = ReadVms(values, refuse);
        var count = ReadCount(values, refuse) ?? Math.Max(1, vms.Count);
        if (vms.Count > count)
        {
            throw refuse("vmId", string.Create(
                CultureInfo.InvariantCulture, $"names {vms.Count} VMs, more than the count of {count}"));
        }

        return new Tenant
        {
            Name = Text(values, "name") ?? string.Create(CultureInfo.InvariantCulture, $"tenant {number}"),
            Count = count,
            MemoryMiB = ReadMemory(values, refuse),
            Guarantee = ReadFlag(values, "guarantee", refuse),
            Burst = ReadFlag(values, "burst", refuse),
            Kernels = ReadKernels(values, refuse),
            UnifiedMemory = ReadFlag(values, "unifiedMemory", refuse),
            AllMultiprocessors = ReadFlag(values, "allSMs", refuse),
            LiveMigration = ReadFlag(values, "liveMigration", refuse),
            Encoder = ReadFlag(values, "encoder", refuse),
            VmIds = vms,
        };
    }

    /// <summary>What is wrong with tenants together; null for nothing.</summary>
    /// <returns>Which of them, and the reason.</returns>
    public static (int Index, string Reason)? FindFault(IReadOnlyList<Tenant> tenants)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var vms = new HashSet<int>();
        foreach (var (index, tenant) in tenants.Index())
        {
            if (!names.Add(tenant.Name))
            {
                return (index, $"the name {tenant.Name} is another tenant's too");
            }

            if (tenant.VmIds.FirstOrDefault(v => !vms.Add(v)) is var vm && vm != 0)
            {
                return (index, string.Create(CultureInfo.InvariantCulture, $"VM {vm} is named twice"));
            }
        }

        return null;
    }

    private static string? Text(IReadOnlyDictionary<string, object> values, string member) =>
        values.TryGetValue(member, out var value)
            ? VisibleText.Of(value is IEnumerable<object> list ? string.Join(", ", list)
                : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "") : null;

    private static int? ReadCount(
        IReadOnlyDictionary<string, object> values, Func<string, string, VgpuException> refuse) =>
        Text(values, "count") is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= Tenant.MaxCount ? count
        : throw refuse("count", $"'{text}' must be a whole number from 1 to {Tenant.MaxCount}");

    private static long ReadMemory(
        IReadOnlyDictionary<string, object> values, Func<string, string, VgpuException> refuse)
    {
        var text = Text(values, "memory") ?? throw refuse("memory", "is missing; write one such as 6GB");
        try
        {
            return MemorySize.ToMiB(text)!.Value;
        }
        catch (InvalidRequestException)
        {
            throw refuse("memory", $"'{text}' is not a memory size; write one above 0 with its unit, such as 6GB");
        }
    }

    private static bool ReadFlag(
        IReadOnlyDictionary<string, object> values, string member, Func<string, string, VgpuException> refuse) =>
        Text(values, member) is { } text && text.ToUpperInvariant() switch
        {
            "YES" or "Y" or "TRUE" or "$TRUE" or "ON" or "1" or "X" => true,
            "NO" or "N" or "FALSE" or "$FALSE" or "OFF" or "0" or "-" => false,
            _ => throw refuse(member, $"'{text}' must be yes or no"),
        };

    private static KernelSize ReadKernels(
        IReadOnlyDictionary<string, object> values, Func<string, string, VgpuException> refuse) =>
        Text(values, "kernels")?.ToUpperInvariant() switch
        {
            null or "UNKNOWN" => KernelSize.Unknown,
            "SMALL" => KernelSize.Small,
            "LARGE" => KernelSize.Large,
            _ => throw refuse("kernels", $"'{Text(values, "kernels")}' must be small, large or unknown"),
        };

    private static IReadOnlyList<int> ReadVms(
        IReadOnlyDictionary<string, object> values, Func<string, string, VgpuException> refuse)
    {
        if (!values.TryGetValue("vmId", out var value))
        {
            return [];
        }

        var texts = (value as IEnumerable<object> ?? [value]).SelectMany(v =>
            Convert.ToString(v, CultureInfo.InvariantCulture)!.Split(
                [',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return
        [
            .. texts.Select(t => VgpuPS.Core.Gpu.VmId.TryParse(t, out var vm) ? vm.Value
                : throw refuse("vmId", $"'{t}' must be a VM's number, from 100 to 999999999")),
        ];
    }
}
