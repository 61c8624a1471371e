namespace VgpuPS.GrubTests;

/// <summary>A form that GRUB's files can have, and what must come of it.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Grub">Text of /etc/default/grub; null for none.</param>
/// <param name="Words">Words of a normal entry once the product has given it iommu=pt and taken out what must go; null
/// where that is refused.</param>
internal sealed record GrubForm(string Name, string? Grub, string? Words)
{
    private const string Variable = "GRUB_CMDLINE_LINUX_DEFAULT";

    /// <summary>Files in /etc/default/grub.d by name.</summary>
    public (string Name, string Text)[] Files { get; init; } = [];

    /// <summary>The file that a refusal names.</summary>
    public string Place { get; init; } = "/etc/default/grub";

    /// <summary>The line that a refusal names; null where none can be told.</summary>
    public int? Line { get; init; }

    /// <summary>Whether the lab's shell goes so far.</summary>
    public bool IsKnownToLab { get; init; } = true;

    /// <summary>Words of recovery entries; null where they are not looked at.</summary>
    public string? Recovery { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static (string Name, string Text) Append(string word) =>
        ($"{word}.cfg", $"{Variable}=\"${Variable} {word}\"\n");

    public static IReadOnlyList<GrubForm> All => [.. Accepted, .. Refused];

    private static IEnumerable<GrubForm> Accepted =>
    [
        new("double quotes", $"{Variable}=\"quiet\"\n", "quiet iommu=pt") { Recovery = "" },
        new("single quotes", $"{Variable}='quiet splash'\n", "quiet splash iommu=pt"),
        new("no quotes", $"{Variable}=quiet\n", "quiet iommu=pt"),
        new("no line end", $"{Variable}=quiet", "quiet iommu=pt"),
        new("export", $"export {Variable}=\"quiet pci=realloc\"\n", "quiet pci=realloc iommu=pt"),
        new("assigned, then exported", $"{Variable}=\"quiet pci=realloc\"\nexport {Variable}\n",
            "quiet pci=realloc iommu=pt"),
        new("continued in quotes", $"{Variable}=\"quiet \\\n  pci=realloc \\\n  video=efifb:off\"\n",
            "quiet pci=realloc video=efifb:off iommu=pt"),
        new("continued outside quotes", $"{Variable}=qui\\\net\n", "quiet iommu=pt"),
        new("a comment behind", $"{Variable}=\"quiet\" # words\n", "quiet iommu=pt"),
        new("a comment that assigns", $"{Variable}=\"quiet\"\n#{Variable}=\"no\"\n", "quiet iommu=pt"),
        new("two assignments", $"{Variable}=\"first\"\n{Variable}=\"second\"\n", "second iommu=pt"),
        new("appended by $", $"{Variable}=\"quiet\"\n{Variable}=\"${Variable} pci=realloc\"\n",
            "quiet pci=realloc iommu=pt"),
        new("appended by ${}", $"{Variable}=\"quiet\"\n{Variable}=\"${{{Variable}}} pci=realloc\"\n",
            "quiet pci=realloc iommu=pt"),
        new("two on a line", $"GRUB_TIMEOUT=5; {Variable}=\"quiet\"\n", "quiet iommu=pt"),
        new("two assignments in one command", $"GRUB_TIMEOUT=5 {Variable}=\"quiet splash\"\n", "quiet splash iommu=pt"),
        new("mixed quotes", $"{Variable}=qu\"ie\"t' splash'\n", "quiet splash iommu=pt"),
        new("escaped quotes", $"{Variable}=\"quiet dyndbg=\\\"file foo +p\\\"\"\n",
            "quiet dyndbg=\"file foo +p\" iommu=pt"),
        new("escaped dollar", $"{Variable}=\"memmap=1M\\$0x1000\"\n", "memmap=1M$0x1000 iommu=pt"),
        new("another variable", $"MINE=\"console=ttyS0\"\n{Variable}=\"quiet $MINE\"\n",
            "quiet console=ttyS0 iommu=pt"),
        new("a default for a variable", $"{Variable}=\"${{MINE:-quiet}}\"\n", "quiet iommu=pt"),
        new("not set", "GRUB_TIMEOUT=5\n", "iommu=pt"),
        new("empty file", "", "iommu=pt"),
        new("no file", null, "iommu=pt"),
        new("tabs and blanks", $"  {Variable}=\"quiet\t  splash \"\n", "quiet splash iommu=pt"),
        new("the other variable alone", $"GRUB_CMDLINE_LINUX=\"console=ttyS0\"\n",
            "console=ttyS0 iommu=pt") { Recovery = "console=ttyS0" },
        new("both variables", $"GRUB_CMDLINE_LINUX=\"console=ttyS0\"\n{Variable}=\"quiet\"\n",
            "console=ttyS0 quiet iommu=pt") { Recovery = "console=ttyS0" },
        new("if", $"if [ -n \"\" ]; then\n  {Variable}=no\nelse\n  {Variable}=\"quiet\"\nfi\n", "quiet iommu=pt"),
        new("for", $"for word in quiet splash; do {Variable}=\"${Variable} $word\"; done\n", "quiet splash iommu=pt"),
        new("case", $"case x86 in\n  arm) {Variable}=no ;;\n  x*) {Variable}=\"quiet\" ;;\nesac\n", "quiet iommu=pt"),
        new("a true list", $"[ -n x ] && {Variable}=\"quiet\"\n", "quiet iommu=pt"),
        new("an alternative", $"false || {Variable}=\"quiet\"\n", "quiet iommu=pt"),
        new("return", $"{Variable}=\"quiet\"\nreturn 0\n{Variable}=\"no\"\n", "quiet iommu=pt"),
        new("a command elsewhere",
            $"GRUB_DISTRIBUTOR=`( . /etc/os-release && echo ${{NAME}} )`\n{Variable}=\"quiet\"\n", "quiet iommu=pt"),
        new("a command in the value", $"{Variable}=\"$(echo quiet)\"\n", "quiet iommu=pt"),
        new("a function", $"words() {{ {Variable}=quiet; }}\nwords\n", "quiet iommu=pt") { IsKnownToLab = false },
        new("arithmetic", $"{Variable}=\"loglevel=$((1+2))\"\n", "loglevel=3 iommu=pt") { IsKnownToLab = false },
        new("a here-document", $": <<END\n{Variable}=no\nEND\n{Variable}=quiet\n",
            "quiet iommu=pt") { IsKnownToLab = false },
        new("failures allowed", $"set +e\n{Variable}=\"quiet\"\nfalse\n", "quiet iommu=pt"),
        new("another variable readonly", $"readonly GRUB_TIMEOUT=5\n{Variable}=\"quiet\"\n", "quiet iommu=pt"),
        new("it prints", $"echo hello\n{Variable}=\"quiet\"\n", "quiet iommu=pt"),
        new("a snippet appends", $"{Variable}=\"quiet\"\n",
            "quiet pci=realloc iommu=pt") { Files = [("pci.cfg", $"{Variable}=\"${{{Variable}}} pci=realloc\"\n")] },
        new("a snippet assigns", $"{Variable}=\"quiet\"\n",
            "mine iommu=pt") { Files = [("mine.cfg", $"{Variable}=\"mine\"\n")] },
        new("snippets in the order of bytes", $"{Variable}=\"0\"\n", "0 B ZZ _x a iommu=pt")
        {
            Files = [Append("a"), Append("ZZ"), Append("_x"), Append("B")],
        },
        new("files that are not read", $"{Variable}=\"quiet\"\n", "quiet iommu=pt")
        {
            Files = [("zzz.conf", "exit 1\n"), (".hidden.cfg", "exit 1\n"), ("zzz.cfg.dpkg-old", "exit 1\n")],
        },
        new("a later snippet appends", $"{Variable}=\"quiet\"\n",
            "quiet iommu=pt late") { Files = [("zzz.cfg", $"{Variable}=\"${Variable} late\"\n")] },
        new("the word is there", $"{Variable}=\"quiet iommu=pt\"\n", "quiet iommu=pt"),
        new("the word is there in the other variable", $"GRUB_CMDLINE_LINUX=\"iommu=pt quiet\"\n", "iommu=pt quiet"),
        new("the word is there in a snippet", $"{Variable}=\"quiet\"\n", "quiet intel_iommu=on iommu=pt")
        {
            Files = [("iommu.cfg", $"{Variable}=\"${Variable} intel_iommu=on iommu=pt\"\n")]
        },
        new("the word is there as one of several values", $"{Variable}=\"iommu=pt,force quiet\"\n",
            "iommu=pt,force quiet"),
        new("switched off", $"{Variable}=\"quiet intel_iommu=off splash\"\n", "quiet splash iommu=pt"),
        new("switched off in the other variable",
            $"{Variable}=\"\"\nGRUB_CMDLINE_LINUX=\"console=tty0 intel_iommu=off\"\n", "console=tty0 iommu=pt")
        {
            Recovery = "console=tty0"
        },
        new("switched off among values", $"{Variable}=\"intel_iommu=off,strict quiet\"\n",
            "intel_iommu=strict quiet iommu=pt"),
        new("switched off by a snippet", $"{Variable}=\"quiet\"\n",
            "quiet iommu=pt") { Files = [("off.cfg", $"GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX amd_iommu=off\"\n")] },
        new("left over from passing through",
            $"{Variable}=\"quiet vfio-pci.ids=10de:20b7,8086:1234 modprobe.blacklist=nouveau,nvidia\"\n",
            "quiet vfio-pci.ids=8086:1234 modprobe.blacklist=nouveau iommu=pt"),
        new("stars and brackets stay", $"{Variable}=\"a=* b=[x] intel_iommu=off\"\n", "a=* b=[x] iommu=pt"),
        new("another IFS", $"IFS=:\n{Variable}=\"a:b intel_iommu=off c\"\n", "a:b c iommu=pt"),
    ];

    private static IEnumerable<GrubForm> Refused =>
    [
        new("a line break in the value", $"GRUB_TIMEOUT=5\n{Variable}=\"quiet\n  pci=realloc\"\n", null) { Line = 2 },
        new("line ends of Windows", $"GRUB_TIMEOUT=5\r\n{Variable}=\"quiet\"\r\n", null) { Line = 2 },
        new("exit 0", $"{Variable}=\"quiet\"\nexit 0\n", null) { Line = 2 },
        new("exit in a snippet", $"{Variable}=\"quiet\"\n",
            null) { Files = [("bad.cfg", "exit 3\n")], Place = "/etc/default/grub.d/bad.cfg", Line = 1 },
        new("a false list at the end", $"{Variable}=\"quiet\"\n[ -f /etc/none ] && GRUB_TIMEOUT=1\n",
            null) { Line = 2 },
        new("false", $"{Variable}=\"quiet\"\nfalse\nGRUB_TIMEOUT=5\n", null) { Line = 2 },
        new("append of another shell", $"{Variable}=\"quiet\"\n{Variable}+=\" pci=realloc\"\n", null) { Line = 2 },
        new("array", $"{Variable}=(quiet splash)\n", null) { Line = 1 },
        new("open quote", $"GRUB_TIMEOUT=5\n{Variable}=\"quiet\n", null) { Line = 3 },
        new("readonly", $"{Variable}=\"quiet\"\nreadonly {Variable}\n", null) { Line = 2 },
        new("readonly with a value", $"readonly {Variable}=\"quiet\"\n", null) { Line = 1 },
        new("a later snippet assigns", $"{Variable}=\"quiet\"\n", null)
        {
            Files = [("zzz-local.cfg", $"# mine\n{Variable}=\"mine\"\n")],
            Place = "/etc/default/grub.d/zzz-local.cfg",
            Line = 2
        },
        new("a later snippet takes away", $"{Variable}=\"quiet\"\n",
            null) { Files = [("zzz.cfg", $"unset {Variable}\n")], Place = "/etc/default/grub.d/zzz.cfg", Line = 1 },
        new("a later snippet switches off", $"{Variable}=\"quiet\"\n", null)
        {
            Files = [("zzz.cfg", $"{Variable}=\"${Variable} intel_iommu=off\"\n")],
            Place = "/etc/default/grub.d/zzz.cfg", Line = 1,
        },
        new("a file that is not there is sourced", $". /etc/default/none\n{Variable}=\"quiet\"\n", null) { Line = 1 },
    ];
}
