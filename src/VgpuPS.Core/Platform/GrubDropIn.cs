using System.Text;

namespace VgpuPS.Core.Platform;

/// <summary>
/// Our file among those that grub-mkconfig sources. GRUB's own file is never edited: it is shell, and only a shell can
/// say what a line of it means.
/// </summary>
/// <remarks>
/// Source: facts/proxmox-reservations.md, GRUB 1 and 2: /etc/default/grub, then /etc/default/grub.d/*.cfg in byte
/// order, by a shell with <c>set -e</c>; normal entries get both variables, recovery entries GRUB_CMDLINE_LINUX alone.
/// </remarks>
public static class GrubDropIn
{
    /// <summary>Its path.</summary>
    public const string Path = "/etc/default/grub.d/zz-vgpups.cfg";

    /// <summary>The variable whose words every entry gets.</summary>
    public const string Linux = "GRUB_CMDLINE_LINUX";

    /// <summary>The variable whose words normal entries get as well.</summary>
    public const string Default = "GRUB_CMDLINE_LINUX_DEFAULT";

    /// <summary>Its text; null where nothing is to be changed.</summary>
    /// <param name="add">Words for normal entries.</param>
    /// <param name="linux">Changes of words in <see cref="Linux"/>.</param>
    /// <param name="normal">Changes of words in <see cref="Default"/>.</param>
    /// <remarks>Words are plain (<see cref="WordChange.IsPlain"/>), so that quoting them needs no escapes.</remarks>
    public static string? Make(
        IReadOnlyList<string> add, IReadOnlyList<WordChange> linux, IReadOnlyList<WordChange> normal)
    {
        if (add.Count + linux.Count + normal.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder()
            .Append(
                "# Written by Initialize-VgpuHost; grub-mkconfig sources it after /etc/default/grub. Words of your own "
                    + "belong\n")
            .Append("# into a file of your own. Uninstall-VgpuHost -RemoveConfiguration takes it away again.\n");
        AddFilter(text, Linux, linux);
        AddFilter(text, Default, normal);
        return (add.Count == 0 ? text : text.Append(Default).Append("=\"$").Append(Default).Append(' ')
            .AppendJoin(' ', add).Append("\"\n")).ToString();
    }

    /// <summary>Every word is looked at by the shell at each generation, so what others change later is kept.</summary>
    private static void AddFilter(StringBuilder text, string variable, IReadOnlyList<WordChange> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        text.Append(variable).Append("=$(unset IFS; set -f; for vgpups_word in $").Append(variable)
            .Append("; do case \"$vgpups_word\" in\n");
        foreach (var change in changes)
        {
            text.Append("    ('").Append(change.Old).Append("') ");
            text.Append(change.New is { } word ? $"printf '%s ' '{word}' ;;\n" : ";;\n");
        }

        text.Append("    (*) printf '%s ' \"$vgpups_word\" ;;\nesac; done)\n");
    }
}

/// <summary>A word of a kernel command line that is taken out or gets another form.</summary>
/// <param name="Old">The word.</param>
/// <param name="New">What stands in its place; null for nothing.</param>
public sealed record WordChange(string Old, string? New)
{
    /// <summary>Whether it can stand between single quotes in a shell and in a boot loader's file as it is.</summary>
    public bool IsPlain =>
        Old.All(c => char.IsAsciiLetterOrDigit(c) || "_.,:=/+@%*-".Contains(c, StringComparison.Ordinal));

    /// <summary>For display: <c>a=b</c>, or <c>a=b,c (a=b stays)</c>.</summary>
    public string Text => New is null ? Old : $"{Old} ({New} stays)";
}
