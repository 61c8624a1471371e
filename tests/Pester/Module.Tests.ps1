BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1')
    $commands = Get-Command -Module VgpuPS | ForEach-Object { @{ Name = $_.Name } }
    $examples = Get-Command -Module VgpuPS | ForEach-Object {
        $name = $_.Name
        $number = 0
        (Get-Help $name).examples.example | ForEach-Object {
            $number++
            @{ Name = $name; Number = $number; Code = ($_.code -split "`r?`n`r?`n")[0] }
        } | Where-Object Code -NotMatch 'pve1' # hosts over SSH are not there to answer
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'The module' {
    It 'exports only cmdlets with approved verbs' {
        $approved = (Get-Verb).Verb
        $all = Get-Command -Module VgpuPS
        $all.CommandType | Select-Object -Unique | Should -Be 'Cmdlet'
        $all.Verb | Where-Object { $_ -notin $approved } | Should -BeNullOrEmpty
    }

    It 'brings no assembly that is not its own, but in bin/lib' {
        Get-ChildItem (Join-Path $PSScriptRoot '../../out/VgpuPS/module/bin') -File |
            Where-Object Name -NotMatch '^(VgpuPS|vgpu-)' | Should -BeNullOrEmpty
    }

    It 'names each of its commands, so that PowerShell finds them without loading it' {
        $named = (Import-PowerShellDataFile (Join-Path $PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1')).CmdletsToExport
        $made = (Get-Command Get-Gpu).ImplementingType.Assembly.GetExportedTypes() | ForEach-Object {
            $cmdlet = $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)
            if ($cmdlet) { "$($cmdlet.VerbName)-$($cmdlet.NounName)" }
        }
        Compare-Object $named $made | Should -BeNullOrEmpty
    }

    It 'is a valid manifest' {
        Test-ModuleManifest (Join-Path $PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1') | Should -Not -BeNullOrEmpty
    }

    It 'has about topics' {
        Get-Help about_VgpuPS | Out-String | Should -Match 'Connect-VgpuHost'
        Get-Help about_VgpuPS_Lab | Out-String | Should -Match '-Lab'
        foreach ($topic in 'SSH', 'Licensing', 'Hook', 'Layout', 'Errors') {
            Get-Help "about_VgpuPS_$topic" | Out-String | Should -Match "about_VgpuPS_$topic\b"
        }

        Get-Help about_VgpuPS_Errors | Out-String | Should -Match 'InvalidMemorySize'
    }
}

Describe 'Help of <Name>' -ForEach $commands {
    It 'has a synopsis, a description for each parameter, and an example' {
        $help = Get-Help $Name -Full
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.examples.example.code | Out-String | Should -Match $Name
        @($help.relatedLinks.navigationLink).Count | Should -BeGreaterThan 2
        $help.relatedLinks.navigationLink[0].uri | Should -Match '^https://'
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters
        foreach ($parameter in (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }) {
            (Get-Help $Name -Parameter $parameter).description.Text | Should -Not -BeNullOrEmpty -Because $parameter
        }
    }
}

Describe 'Example <Number> of <Name>' -ForEach $examples {
    It 'runs on a fresh simulated host' {
        New-TestLab | Out-Null
        # Some examples ask before they destroy, as they do for a reader.
        $ConfirmPreference = 'None'
        Push-Location TestDrive:
        try {
            $failure = Get-TestError ([scriptblock]::Create($Code))
        }
        finally {
            Pop-Location
            Disconnect-All
        }

        $failure | Should -BeNullOrEmpty
    }
}
