# Install-, Update- and Uninstall-VgpuHost through OpenSSH's client, or a stand-in that answers as it does.
BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    . (Join-Path $PSScriptRoot 'Lab.ps1')
    $program = Join-Path $TestDrive 'vgpu-hook'
    New-TestProgram $program
}

Describe 'A host over SSH' {
    BeforeEach {
        Disconnect-All
        $folder = Enter-TestSsh
        $state = Join-Path $folder 'pve1.json'
        New-TestLabFile $state
    }

    AfterEach { Exit-TestSsh }

    It 'is refused by <Name> where it cannot be reached, with the command that shows why' -ForEach @(
        'Connect', 'Install', 'Update', 'Uninstall' | ForEach-Object { @{ Name = "$_-VgpuHost" } }
    ) {
        $quiet = $Name -eq 'Connect-VgpuHost' ? @{} : @{ Confirm = $false }
        $path = $Name -in 'Install-VgpuHost', 'Update-VgpuHost' ? @{ Path = $program } : @{}
        $failure = Get-TestError { & $Name -HostName pve9 -UserName root @quiet @path }
        $failure.FullyQualifiedErrorId | Should -Be "HostUnreachable,VgpuPS.Commands.$($Name -replace '-')Command"
        $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
        $failure.TargetObject | Should -Be 'pve9'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'ssh root@pve9 true'
    }

    It 'shows the plan of an installation with -WhatIf, and gets nothing' {
        $text = Invoke-TestProcess "Install-VgpuHost root@pve1 -Path '$program' -WhatIf"
        $text | Should -Contain 'What if: Install-VgpuHost on node pve1:'
        $text -join "`n" | Should -Match '1\. replace the program /usr/lib/vgpups/vgpu-hook'
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -Not -BeLike '*a program'
        { Invoke-TestLab $state cat, /etc/vgpups/config.json } | Should -Throw
    }

    It 'is installed, written, and no session is left; one that cannot be reached does not stop the next' {
        $made = 'pve9', 'pve1' | Install-VgpuHost -UserName root -Path $program -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.VgpuHost | Should -Be 'pve1'
        $made.Kind | Should -Be 'ssh'
        $failures.FullyQualifiedErrorId | Should -Be 'HostUnreachable,VgpuPS.Commands.InstallVgpuHostCommand'
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -BeLike '*a program'
        (Get-TestError { Get-Gpu -Session pve1 }).FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
        @(Get-Content (Join-Path $folder calls)) -match '-o BatchMode=yes .*-l root -- pve1 ' | Should -Not -BeNullOrEmpty
    }

    It 'gets the program also where a session is open, and the session alone is refused' {
        Connect-VgpuHost pve1 | Out-Null
        try {
            $failure = Get-TestError { Install-VgpuHost -Session pve1 -Path $program }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SessionIsRemote,*'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-HostName pve1'
        }
        finally {
            Disconnect-VgpuHost pve1
        }
    }

    It 'brings the other nodes of its cluster with -Cluster, and tells of one that is down' {
        New-TestLabFile (Join-Path $folder '10.0.0.2.json') @('--gpu', 'A30', '--guests', '--node', 'pve2')
        $members = Join-Path $TestDrive 'members'
        Set-Content $members ('{"nodename":"pve1","nodelist":{"pve1":{"id":1,"online":1,"ip":"10.0.0.1"},' +
            '"pve2":{"id":2,"online":1,"ip":"10.0.0.2"},"pve3":{"id":3,"online":0,"ip":"10.0.0.3"}}}')
        Invoke-TestLab $state put, /etc/pve/.members, $members
        $made = Install-VgpuHost pve1 -Cluster -Path $program -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.VgpuHost | Should -Be 'pve1', 'pve2'
        $failures.FullyQualifiedErrorId | Should -Be 'HostUnreachable,VgpuPS.Commands.InstallVgpuHostCommand'
        $failures[0].ErrorDetails.Message | Should -Match 'pve3 is offline'
    }

    It 'is updated' {
        (Update-VgpuHost root@pve1 -Path $program -PassThru).VgpuHost | Should -Be 'pve1'
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -BeLike '*a program'
    }

    It 'shows with -WhatIf what would go, and is cleared' {
        Install-VgpuHost root@pve1 -Path $program
        $text = Invoke-TestProcess 'Uninstall-VgpuHost root@pve1 -WhatIf'
        $text | Should -Contain 'What if: Uninstall-VgpuHost on node pve1:'
        Invoke-TestLab $state cat, /etc/systemd/system/vgpups.service | Should -Not -BeNullOrEmpty
        Uninstall-VgpuHost pve9, root@pve1 -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'HostUnreachable,VgpuPS.Commands.UninstallVgpuHostCommand'
        { Invoke-TestLab $state cat, /etc/systemd/system/vgpups.service } | Should -Throw
    }
}
