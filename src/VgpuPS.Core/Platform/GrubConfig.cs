using System.Text.RegularExpressions;

namespace VgpuPS.Core.Platform;

/// <summary>Reads what grub-mkconfig writes.</summary>
/// <remarks>
/// Source: grub-mkconfig 2.06 and 2.12, run: menuentry and submenu open a brace at the end of their line, one alone
/// closes it; the default is the last <c>set default=</c> of the header, a number, a title, an id, or several of them
/// parted by &gt;.
/// </remarks>
public static partial class GrubConfig
{
    private sealed record Item(string Title, string Id, List<Item> Items)
    {
        public LoaderEntry? Entry { get; set; }

        public bool IsMenu { get; init; }

        public LoaderEntry? First => Entry ?? Items.Select(i => i.First).FirstOrDefault(e => e is not null);
    }

    /// <summary>Reads a configuration.</summary>
    /// <param name="place">What it is called.</param>
    /// <param name="text">Its text.</param>
    public static LoaderEntries Read(string place, string text)
    {
        var root = new Item("", "", []) { IsMenu = true };
        var open = new Stack<Item>([root]);
        var entries = new List<LoaderEntry>();
        var wanted = "0";
        foreach (var line in text.Split('\n').Select(l => l.Trim()))
        {
            if (Head().Match(line) is { Success: true } head)
            {
                var item = new Item(
                    head.Groups[2].Value, FindId(line), [])
                { IsMenu = head.Groups[1].Value == "submenu" };
                open.Peek().Items.Add(item);
                open.Push(item);
            }
            else if (line.EndsWith('{'))
            {
                // A function: nothing in it is an entry.
                open.Push(new Item("", "", []));
            }
            else if (line == "}" && open.Count > 1)
            {
                open.Pop();
            }
            else if (Kernel().Match(line) is { Success: true } kernel
                && open.Peek() is { Title.Length: > 0, Entry: null } at)
            {
                at.Entry = MakeEntry(at.Title, kernel.Groups[1].Value, kernel.Groups[2].Value);
                entries.Add(at.Entry);
            }
            else if (Default().Match(line) is { Success: true } set
                && !set.Groups[1].Value.Contains("next_entry", StringComparison.Ordinal))
            {
                wanted = set.Groups[1].Value;
            }
        }

        return new LoaderEntries(place, entries, Choose(root, wanted));
    }

    private static LoaderEntry MakeEntry(string title, string image, string rest)
    {
        const string Name = "vmlinuz-";
        var at = image.LastIndexOf(Name, StringComparison.Ordinal);
        var words = KernelCommandLine.Words(rest);
        return new LoaderEntry(
            title, at < 0 ? "" : image[(at + Name.Length)..], words,
            title.Contains("recovery mode", StringComparison.OrdinalIgnoreCase) || words.Contains("single"));
    }

    /// <summary>The entry that a default means; the first one where it means none, as GRUB does.</summary>
    private static LoaderEntry? Choose(Item menu, string wanted)
    {
        // What was saved stands in another file.
        if (wanted.Contains('$', StringComparison.Ordinal))
        {
            return null;
        }

        Item? item = menu;
        foreach (var part in wanted.Split('>'))
        {
            var shown = item!.Items.Where(i => i.Title.Length > 0).ToList();
            item = int.TryParse(part, out var number) && number >= 0 && number < shown.Count ? shown[number]
                : shown.FirstOrDefault(i => i.Id == part || i.Title == part);
            if (item is null)
            {
                return menu.First;
            }
        }

        return item!.First;
    }

    private static string FindId(string line) => Id().Match(line) is { Success: true } match
        ? match.Groups[1].Value : "";

    [GeneratedRegex(@"^(menuentry|submenu)\s+['""](.*?)['""](?:\s.*)?\{$", RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    [GeneratedRegex(@"(?:--id|\$menuentry_id_option)\s+['""]?([^'""\s{]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    [GeneratedRegex(@"^linux(?:16|efi)?\s+(\S+)\s*(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Kernel();

    [GeneratedRegex(@"^set default=""?([^""]*)""?$", RegexOptions.CultureInvariant)]
    private static partial Regex Default();
}
